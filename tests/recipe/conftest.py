"""Recipes in a temporary folder, with the components of ``plugin/toybox.py``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wmframe.recipe import load_recipe
from wmframe.registry import current

TOYBOX = Path(__file__).parent / "plugin" / "toybox.py"
sys.path.append(str(TOYBOX.parent))  # as loading it as a local plugin does

STAGE = """\
[stages.train]
use = "toybox.train"
updates = 10
suite = { use = "toybox.maze", task = "small_maze" }
"""


class Folder:
    """Writes recipes and loads them."""

    plugin = TOYBOX

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stage = STAGE

    def write(self, text: str, name: str = "recipe.toml", *, plugin: bool = True) -> Path:
        """Write a file; with the plugin, its first line names ``toybox.py``."""
        head = f'plugins.local = ["{TOYBOX}"]\n' if plugin else ""
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(head + text)
        return file

    def load(self, text: str, profile: str | None = None, overrides: tuple[str, ...] = ()):
        """Write ``recipe.toml`` and load it."""
        return load_recipe(self.write(text), profile, overrides)

    def agent(self, text: str, *overrides: str):
        """The agent's settings of a recipe whose table of the agent is ``text``."""
        recipe = self.load(f"{STAGE}[stages.train.agent]\n{text}", overrides=overrides)
        return dict(recipe.stages)["train"].config.agent.config


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(current, "_local", ())  # local plugins end with the test
    return Folder(tmp_path)
