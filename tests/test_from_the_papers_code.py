"""``docs/from-the-papers-code.md``: what it tells users to type is accepted."""

from __future__ import annotations

import re
import shlex
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from wmframe.cli.packing import build_dataset
from wmframe.recipe import load_recipe

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "from-the-papers-code.md").read_text()
LINES = [shlex.split(line) for line in re.findall(r"^wmframe .*$", TEXT, re.MULTILINE)]
RUNS = [words[2:] for words in LINES if words[1] == "run"]
PACKS = [words[3:] for words in LINES if words[1:3] == ["videos", "pack"]]


def overrides(words):
    return [words[i + 1] for i, word in enumerate(words) if word == "--set"]


@pytest.mark.parametrize("words", RUNS, ids=lambda words: Path(words[0]).stem)
def test_recipes_take_the_settings_that_the_page_shows(words):
    assert load_recipe(ROOT / words[0], overrides=overrides(words)).stages


@pytest.mark.parametrize("words", PACKS, ids=lambda words: words[0])
def test_datasets_that_the_page_packs_are_there(words):
    assert build_dataset(words[0], overrides(words)).name == words[0]


def test_every_recipe_of_the_papers_is_on_the_page():
    shipped = {path.name for path in (ROOT / "recipes").glob("*.toml")}
    named = set(re.findall(r"recipes/(\w+\.toml)", TEXT))
    named |= {f"{name}.toml" for name in re.findall(r"`(apv_\w+)`", TEXT)}
    assert shipped - named == set()


SUITES = ["metaworld", "dmc", "dmc_remastered", "carla", "atari"]
VIDEOS = ["something_something", "human36m", "youtube_driving", "rlbench"]


@pytest.mark.parametrize("name", [*SUITES, *VIDEOS])
def test_every_benchmark_and_dataset_of_the_papers_is_installed(name):
    assert name in {point.name for point in entry_points(group="wmframe")}
