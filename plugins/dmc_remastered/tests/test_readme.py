"""What the README shows can be used as it stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from wmframe.recipe.structure import structure_part

TEXT = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.mark.gl
def test_the_start_in_python_runs():
    [code] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names = {}
    exec(code, names)
    names["env"].close()
    assert names["obs"]["image"].shape == (64, 64, 3) and isinstance(names["reward"], float)


def test_the_recipe_is_understood():
    [table] = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    suite = structure_part("suite", tomllib.loads(table)["suite"]).build()
    assert suite.config.task in suite.tasks()
