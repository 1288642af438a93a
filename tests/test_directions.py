"""Which package may import which, and that no two files import each other."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = (
    "registry", "parallel", "nn", "interfaces", "training", "data", "envs", "recipe", "tracking",
    "models", "report", "stages", "builtin", "sweep", "bench", "cli", "testing",
)  # fmt: skip
"""Packages from the lowest to the highest; single files of the core come before them all."""

SHARED_BY_STAGES = ("config", "plan", "loop", "evaluation")
"""What is in ``stages`` beside the stages, from the lowest to the highest."""

LATER = {("config", "recipe")}
"""The upward import that is left: slots with a default part."""

PACKAGES = [ROOT / "wmframe", *sorted(ROOT.glob("plugins/*/wmframe_*"))]


def imports(package):
    """Modules of a package with the modules of it that each imports, wherever in the file."""
    files = {
        ".".join(path.relative_to(package.parent).with_suffix("").parts): path
        for path in package.rglob("*.py")
    }
    names = {name.removesuffix(".__init__"): path for name, path in files.items()}
    for name, path in names.items():
        found = list(ast.walk(ast.parse(path.read_text())))
        plain = [one.name for node in found if isinstance(node, ast.Import) for one in node.names]
        named = [
            f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in names else node.module
            for node in found
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        ]
        yield name, {other for other in [*plain, *named] if other in names} - {package.name, name}


def room(module):
    return module.split(".")[1]


def test_packages_of_the_core_import_lower_ones_only():
    level = {name: index for index, name in enumerate(ORDER, 1)}
    arrows = {
        (name, other)
        for name, others in imports(ROOT / "wmframe")
        for other in others
        if name != "wmframe" and (room(name), room(other)) not in LATER
    }
    upward = {pair for pair in arrows if level.get(room(pair[0]), 0) < level.get(room(pair[1]), 0)}
    assert upward == set()


def test_what_stages_share_imports_no_stage():
    level = {name: index for index, name in enumerate(SHARED_BY_STAGES)}
    upward = {
        (name, other)
        for name, others in imports(ROOT / "wmframe")
        for other in others
        if name.startswith("wmframe.stages.") and other.startswith("wmframe.stages.")
        if level.get(name.split(".")[2], 9) < level.get(other.split(".")[2], 9)
    }
    assert upward == set()


def test_every_package_has_its_place_in_the_order():
    assert {path.parent.name for path in ROOT.glob("wmframe/*/__init__.py")} <= set(ORDER)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_no_files_import_each_other_in_a_circle(package):
    graph = {
        name: {other for other in others if (room(name), room(other)) not in LATER}
        for name, others in imports(package)
        if name != package.name
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_figure_in_the_docs_shows_the_imports_of_today():
    path = ROOT / "docs" / "rooms.py"
    spec = spec_from_file_location("rooms", path)
    rooms = module_from_spec(spec)
    spec.loader.exec_module(rooms)
    assert rooms.FILE.read_text() == rooms.draw(), "run python docs/rooms.py"


def test_files_on_the_way_of_a_batch_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text()
    way = text.split("## One batch, file by file")[1].split("\n## ")[0]
    files = set(re.findall(r"[a-z_/]+\.py", way))
    assert len(files) > 20
    assert {file for file in files if not (ROOT / "wmframe" / file).is_file()} == set()
