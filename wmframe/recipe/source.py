"""TOML text to values with origins: a recipe's file, and what ``--set`` says."""

from __future__ import annotations

import datetime
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wmframe.errors import Problem, RecipeError, UsageError
from wmframe.recipe.positions import key_lines, split_key
from wmframe.recipe.tree import OVERRIDE, KeyPath, Node, Origin, wrap


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
        RecipeError: the text is not TOML.
    """
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError([_syntax_problem(error, text, origin)]) from error
    return _located(values, (), key_lines(text), Origin(origin.source, 1, "", origin.folder), layer)


def parse_override(text: str, layer: int = 0) -> Node:
    """Read one ``--set``: ``a.b=c``, where c is a TOML value, or a bare word that is a string.

    Raises:
        UsageError: the text is not of this form.
    """
    key, equals, value = text.partition("=")
    keys = split_key(key.strip())
    if not equals or keys is None:
        hint = "write --set stages.NAME.SETTING=VALUE"
        raise UsageError(f"--set {text}: a key, an equals sign and a value are needed", hint)
    parsed: Any = _override_value(value.strip(), text)
    for name in reversed(keys):
        parsed = {name: parsed}
    return wrap(parsed, Origin(f"{OVERRIDE}{text}"), layer)


def shown_path(path: Path) -> str:
    """A path as messages show it: relative where it lies below the working directory."""
    relative = os.path.relpath(path)
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


def _override_value(value: str, text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError as error:
        if value[:1] in ("[", "{", '"', "'"):
            hint = f"""quote it for the shell: --set '{text.split("=")[0]}=["a", "b"]'"""
            raise UsageError(f"--set {text}: the value is not TOML: {error}", hint) from error
        return value
    if len(parsed) > 1 or isinstance(parsed["value"], datetime.date | datetime.time):
        return value
    return parsed["value"]


def _syntax_problem(error: tomllib.TOMLDecodeError, text: str, origin: Origin) -> Problem:
    message = str(error)
    found = re.search(r"at line (\d+)", message)
    line = found[1] if found else len(text.splitlines())  # "at end of document"
    hint = 'strings stand in quotes, tables as [a.b] or { key = "value" }; see https://toml.io'
    return Problem(f"{origin.source}:{line}", "", f"not valid TOML: {message}", hint)
