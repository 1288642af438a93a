"""Rules that no single part can hold: what the core may not name, what docs must say."""

from __future__ import annotations

import inspect
import re
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from wmframe.plugin import Hooks
from wmframe.recipe import load_recipe

ROOT = Path(__file__).parent.parent
RECIPES = sorted((ROOT / "recipes").glob("*.toml"))
CORE = sorted((ROOT / "wmframe").rglob("*.py"))

LIBRARIES = {"gymnasium"}
"""Plugins called as the library that they wrap; the core may use the library."""


def plugin_names():
    return sorted(path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml"))


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_names_no_plugin(path):
    text = path.read_text().lower()
    names = {*plugin_names()} - LIBRARIES
    assert [name for name in names if re.search(rf"\b(wmframe_)?{name}\b", text)] == []


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_and_each_of_its_profiles_is_valid(path):
    recipe = load_recipe(path)
    for profile in recipe.profiles:
        assert load_recipe(path, profile=profile).stages


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_has_a_quick_profile(path):
    assert "quick" in load_recipe(path).profiles


@pytest.mark.parametrize("hook", [name for name in vars(Hooks) if name.startswith("wmframe_")])
def test_every_hook_is_documented_with_an_example(hook):
    docs = (ROOT / "docs" / "plugins.md").read_text()
    section = docs.split(f"### {hook}\n")[1].split("\n### ")[0]
    arguments = list(inspect.signature(getattr(Hooks, hook)).parameters)[1:]
    assert re.search(rf"def {hook}\({', '.join(arguments)}\)", section)


def test_every_plugin_has_a_readme_with_a_start():
    for name in plugin_names():
        readme = (ROOT / "plugins" / name / "README.md").read_text()
        assert "```" in readme, f"plugins/{name}/README.md shows no command"


@pytest.mark.parametrize("name", plugin_names())
def test_every_plugin_of_the_tree_is_installed(name):
    assert name in {point.name for point in entry_points(group="wmframe")}


def test_commands_that_the_readme_shows_exist():
    from wmframe.cli.app import COMMANDS

    known = set(COMMANDS)
    shown = set(re.findall(r"^wmframe ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert shown
    assert shown <= known


def test_recipes_that_the_readme_shows_are_there():
    shown = set(re.findall(r"recipes/\w+\.toml", (ROOT / "README.md").read_text()))
    assert {name for name in shown if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize(
    "path",
    [ROOT / "pyproject.toml", *sorted(ROOT.glob("plugins/*/pyproject.toml"))],
    ids=lambda path: path.parent.name,
)
def test_every_package_that_users_get_has_a_lower_bound(path):
    table = tomllib.loads(path.read_text())["project"]
    extras = table.get("optional-dependencies", {})
    lines = [*table["dependencies"], *(line for extra in extras.values() for line in extra)]
    bound = {Requirement(line).name for line in lines if re.search(">=|==", line)}
    assert {Requirement(line).name for line in lines} <= bound | {table["name"]}


def test_the_top_level_holds_what_it_may_and_nothing_else():
    allowed = {"wmframe", "plugins", "recipes", "docs", "tests", "pyproject.toml", "noxfile.py"}
    allowed |= {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}
    there = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if there.returncode:
        pytest.skip("not in a git checkout")
    tops = {line.split("/")[0] for line in there.stdout.splitlines()}
    assert {top for top in tops if not top.startswith(".")} <= allowed
