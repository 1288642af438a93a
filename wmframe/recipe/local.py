"""``plugins.local``: one-file plugins that a recipe brings along."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wmframe.recipe.faults import Faults, Place
from wmframe.recipe.files import is_file
from wmframe.recipe.scalars import describe
from wmframe.recipe.tree import Node
from wmframe.suggest import suggest


def local_plugins(recipe: Node) -> tuple[Path, ...]:
    """The files that ``plugins.local`` names, absolute; each is relative to the recipe's file.

    Raises:
        RecipeError: the table is malformed.
        MissingPluginError: a file is not there.
    """
    plugins, faults = recipe.value.get("plugins"), Faults()
    files = [] if plugins is None else _entries(plugins, faults)
    found = tuple(_file(node, index, faults) for index, node in enumerate(files))
    faults.finish()
    return found


def _entries(plugins: Node, faults: Faults) -> Iterable[Node]:
    place = Place(("plugins",))
    if not plugins.is_table:
        faults.fault(plugins, place, "expected a table", 'write plugins.local = ["./file.py"]')
        return ()
    for key in plugins.value.keys() - {"local"}:
        hint = suggest(key, ["local"])
        faults.fault(plugins.value[key], place.key(key), "there is no such setting", hint)
    local = plugins.value.get("local")
    if local is None or isinstance(local.value, list):
        return () if local is None else local.value
    faults.fault(local, place.key("local"), "expected an array", 'write local = ["./file.py"]')
    return ()


def _file(node: Node, index: int, faults: Faults) -> Path:
    place = Place(("plugins", "local", index))
    if not isinstance(node.value, str):
        message = f"expected a path, got {describe(node.plain())}"
        faults.fault(node, place, message, 'write "./file.py"')
        return Path()
    file = (node.origin.folder / node.value).absolute()
    if not is_file(file):
        there = (f"./{other.name}" for other in sorted(file.parent.glob("*.py")))
        hint = suggest(node.value, there) or "the path is relative to the recipe's file"
        faults.missing(node, place, f"there is no file {node.value}", hint)
    return file
