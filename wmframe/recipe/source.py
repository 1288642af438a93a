"""TOML text to values with origins: a recipe's file, and what ``--set`` says."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, Final

from wmframe.errors import Problem, RecipeError, UsageError
from wmframe.recipe.document import LONGEST, NotARecipe, check_size, odd_values, parse
from wmframe.recipe.positions import key_lines, split_key
from wmframe.recipe.scalars import shortened
from wmframe.recipe.tree import OVERRIDE, KeyPath, Node, Origin, dotted, wrap

ODD_HINT: Final = "`wmframe describe NAME` lists what the settings of a component take"

NUMBER: Final = re.compile(r"[+-]?\d[\d_]*")


def read_recipe(path: Path, layer: int = 0) -> Node:
    """Read one recipe file.

    Raises:
        RecipeError: the file cannot be read, or is not TOML.
    """
    shown = shown_path(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        hint = "a recipe is a TOML file in UTF-8"
        raise RecipeError([Problem(shown, "", f"cannot be read: {error}", hint)]) from error
    return parse_recipe(text, Origin(shown, folder=path.parent), layer)


def parse_recipe(text: str, origin: Origin, layer: int = 0) -> Node:
    """Read a recipe's text; ``origin`` says where it is from.

    Raises:
        RecipeError: the text is not TOML, or holds what no setting takes.
    """
    text = text.replace("\r\n", "\n")
    try:
        values = parse(text)
    except NotARecipe as error:
        raise RecipeError([_syntax_problem(error, text, origin)]) from error
    lines = key_lines(text)
    check_values(values, lambda path: f"{origin.source}:{lines.get(path, 1)}")
    return _located(values, (), lines, Origin(origin.source, 1, "", origin.folder), layer)


def parse_override(text: str, layer: int = 0) -> Node:
    """Read one ``--set``: ``a.b=c``, where c is a TOML value, or a bare word that is a string.

    Raises:
        UsageError: the text is not of this form.
        RecipeError: no setting takes the value.
    """
    shown = f"{OVERRIDE}{shortened(text)}"
    key, equals, value = text.partition("=")
    keys = split_key(key.strip())
    if not equals or keys is None:
        hint = "write --set stages.NAME.SETTING=VALUE"
        raise UsageError(f"{shown}: a key, an equals sign and a value are needed", hint)
    try:
        parsed = reduce(lambda inside, name: {name: inside}, reversed(keys), _value(value.strip()))
        check_size(parsed)
    except NotARecipe as error:
        hint = f"""quote it for the shell: --set '{shortened(key)}=["a", "b"]'"""
        raise UsageError(f"{shown}: the value is {error}", hint) from error
    check_values(parsed, lambda path: shown)
    return wrap(parsed, Origin(shown), layer)


def check_values(values: Any, where: Callable[[KeyPath], str]) -> None:
    """Refuse values that no setting takes.

    Raises:
        RecipeError: with each of them; ``where`` says where a path's value was written.
    """
    odd = list(odd_values(values))
    if odd:
        raise RecipeError([Problem(where(at), dotted(at), what, ODD_HINT) for at, what in odd])


def shown_path(path: Path) -> str:
    """A path as messages show it: relative where it lies below the working directory."""
    try:
        relative = os.path.relpath(path)
    except OSError:  # the working directory was deleted
        return str(path)
    return str(path) if relative.startswith("..") else relative


def _located(
    value: Any, path: KeyPath, lines: Mapping[KeyPath, int], parent: Origin, layer: int
) -> Node:
    origin = Origin(parent.source, lines.get(path, parent.line), "", parent.folder)
    if isinstance(value, dict):
        value = {k: _located(v, (*path, k), lines, origin, layer) for k, v in value.items()}
    elif isinstance(value, list):
        value = [_located(v, (*path, i), lines, origin, layer) for i, v in enumerate(value)]
    return Node(value, origin, layer)


def _value(text: str) -> Any:
    try:
        parsed = parse(f"value = {text}")
    except NotARecipe:
        if text[:1] in ("[", "{", '"', "'") or len(text) > LONGEST or NUMBER.fullmatch(text):
            raise
        return text
    if len(parsed) > 1 or isinstance(parsed["value"], datetime.date | datetime.time):
        return text
    return parsed["value"]


def _syntax_problem(error: NotARecipe, text: str, origin: Origin) -> Problem:
    message = str(error)
    found = re.search(r"at line (\d+)", message)
    line = found[1] if found else len(text.splitlines())  # "at end of document"
    hint = 'strings stand in quotes, tables as [a.b] or { key = "value" }; see https://toml.io'
    return Problem(f"{origin.source}:{line}", "", message, hint)
