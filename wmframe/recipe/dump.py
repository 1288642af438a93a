"""A recipe with all defaults: ``resolved.toml``, and the comparison of two runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.recipe.model import Recipe, RunSettings
from wmframe.recipe.plain import to_plain
from wmframe.recipe.source import read_recipe
from wmframe.recipe.toml import toml_document, toml_value
from wmframe.recipe.tree import Origin, dotted, leaves, wrap

WITHOUT_EFFECT: Final = ("name", "description", "trackers", "plugins")
"""Keys that may change within the same run."""


def resolved(recipe: Recipe) -> dict[str, Any]:
    """The plain values of a recipe with all defaults; loading them gives the same recipe."""
    fields = [field.name for field in attrs.fields(RunSettings)]
    values = {name: to_plain(getattr(recipe, name)) for name in fields}
    if recipe.local:
        values["plugins"] = {"local": [str(path) for path in recipe.local]}
    values["stages"] = {name: to_plain(part) for name, part in recipe.stages}
    return {key: value for key, value in values.items() if value is not None}


def dump_recipe(recipe: Recipe) -> str:
    """The text of ``resolved.toml``: one file without ``extends`` and profiles."""
    profile = f", profile {recipe.profile}" if recipe.profile else ""
    return f"# {recipe.path.name}{profile}, with every default\n{toml_document(resolved(recipe))}"


def fingerprint(recipe: Recipe) -> str:
    """SHA-256 of what a run depends on, in hexadecimal: equal for equal settings and stages."""
    values = _effective(resolved(recipe))
    values["stages"] = list(values["stages"].items())  # their order counts
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def differences(path: Path, recipe: Recipe) -> list[str]:
    """What differs between a ``resolved.toml`` and a recipe: ``key: old -> new`` each.

    Raises:
        RecipeError: the file is damaged.
    """
    old = _flat(read_recipe(path).plain())
    new = _flat(resolved(recipe))
    keys = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    return [f"{key}: {old.get(key, '(unset)')} -> {new.get(key, '(unset)')}" for key in keys]


def _flat(values: Mapping[str, Any]) -> dict[str, str]:
    tree = wrap(_effective(values), Origin("resolved"))
    return {dotted(path): toml_value(node.plain()) for path, node in leaves(tree)}


def _effective(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in WITHOUT_EFFECT}
