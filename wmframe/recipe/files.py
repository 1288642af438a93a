"""Finds recipe files: next to the one that names them, or among those that ship with wmframe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import wmframe
from wmframe.errors import Problem, RecipeError, UsageError
from wmframe.recipe.scalars import shortened
from wmframe.recipe.source import read_recipe, shown_path
from wmframe.recipe.tree import Node
from wmframe.suggest import suggest

_PACKAGE: Final = Path(wmframe.__file__).parent
SHIPPED: Final = (_PACKAGE / "recipes", _PACKAGE.parent / "recipes")
"""Where recipes lie in an installed wmframe, and in a checkout."""

RECIPE_HINT: Final = "give a TOML file, or the name of a recipe that comes with wmframe"


def find_recipe(path: Path) -> Path:
    """The file that a user means: a path, or the name of a recipe that comes with wmframe.

    Raises:
        UsageError: there is none.
    """
    if not path.name:  # what "", "." and "/" are
        raise UsageError(f'"{path}" is a folder, not a recipe', RECIPE_HINT)
    names = [path] if path.suffix else [path, path.with_suffix(".toml")]
    places = [Path(), *SHIPPED, *(folder.parent for folder in SHIPPED)]
    for candidate in (place / name for place in places for name in names):
        if is_file(candidate):
            return candidate.absolute()
    hint = suggest(str(path), sorted({*shipped_recipes(), *recipes_beside(path)})) or RECIPE_HINT
    raise UsageError(f"there is no recipe {shortened(str(path))}", hint)


def recipes_beside(path: Path) -> list[str]:
    """The recipes in a file's folder, there or not."""
    try:
        return list(map(str, path.parent.glob("*.toml")))
    except (OSError, ValueError):
        return []


def is_file(path: Path) -> bool:
    """Whether there is a file; no system has one whose name is too long, or is no text."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def shipped_recipes() -> Iterator[str]:
    """The recipes that come with wmframe, as ``recipes/NAME.toml``."""
    for folder in SHIPPED:
        yield from (f"recipes/{file.name}" for file in folder.glob("*.toml"))


def read_chain(path: Path) -> list[Node]:
    """A recipe and all that it extends, the lowest first, each file once; layers are numbered so.

    Raises:
        RecipeError: a file is missing or not TOML, or the files extend one another in a circle.
    """
    found: dict[Path, Node] = {}
    _visit(path.resolve(), (), found)
    return [document.in_layer(layer) for layer, document in enumerate(found.values())]


def _visit(path: Path, above: Sequence[Path], found: dict[Path, Node]) -> None:
    if path in found:
        return
    document = read_recipe(path)
    extends = document.value.get("extends")
    for name in () if extends is None else _names(extends):
        base = _base(name, path)
        chain = (*above, path)
        if base in chain:
            circle = " -> ".join(map(shown_path, (*chain[chain.index(base) :], base)))
            hint = "remove one of these `extends`"
            raise _problem(name, f"recipes extend one another in a circle: {circle}", hint)
        _visit(base, chain, found)
    found[path] = document


def _names(extends: Node) -> list[Node]:
    names = extends.value if isinstance(extends.value, list) else [extends]
    for name in names:
        if not isinstance(name.value, str):
            raise _problem(name, "expected a file or an array of files", 'write "base/file.toml"')
    return names


def _base(name: Node, path: Path) -> Path:
    for folder in (path.parent, *SHIPPED):
        if is_file(folder / name.value):
            return Path(folder / name.value).resolve()
    there = [
        str(file.relative_to(folder))
        for folder in (path.parent, *SHIPPED)
        for pattern in ("*.toml", "*/*.toml")
        for file in folder.glob(pattern)
    ]
    message = (
        f'there is no recipe "{name.value}" next to {shown_path(path)} or among wmframe\'s own'
    )
    raise _problem(name, message, suggest(name.value, there) or "paths start at the file's folder")


def _problem(node: Node, message: str, hint: str) -> RecipeError:
    return RecipeError([Problem(str(node.origin), "extends", message, hint)])
