"""What the README shows can be used as it stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from wmframe.recipe.structure import structure_part

TEXT = (Path(__file__).parents[1] / "README.md").read_text()
TABLES = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)]
SUITES = [t["suite"] if "suite" in t else t["stages"]["train"]["suite"] for t in TABLES]
PACKAGES = ("pygame", "gymnasium", "minigrid", "crafter", "gymnasium_robotics")


@pytest.mark.gl
@pytest.mark.parametrize(("package", "table"), zip(PACKAGES, SUITES, strict=True))
def test_each_recipe_makes_an_environment(make, package, table):
    settings = dict(structure_part("suite", table).settings())
    pytest.importorskip(package)
    env = make(settings.pop("id"), **settings)
    assert ("image" in env.observation_space.spaces) == (settings["pixels"] != "none")
