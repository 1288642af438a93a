"""Typed settings back to plain values, as a recipe would state them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import attrs

from wmframe.config import Part
from wmframe.recipe.annotations import NONE_WORD, default_of


def to_plain(value: Any) -> Any:
    """A setting as TOML values: parts and config classes become tables, tuples arrays."""
    if isinstance(value, Part):
        return {"use": value.use, **(plain_settings(value.config) if value.config else {})}
    if attrs.has(type(value)):
        return plain_settings(value)
    if isinstance(value, Mapping):
        return {key: to_plain(child) for key, child in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(child) for child in value]
    return str(value) if isinstance(value, Path) else value


def _default_names(field: attrs.Attribute[Any]) -> AbstractSet[str]:
    default = field.metadata.get("default") if "kind" in field.metadata else default_of(field)
    return default.keys() if isinstance(default, Mapping) else frozenset()


def plain_settings(config: Any) -> dict[str, Any]:
    """Every setting of a config, defaults included.

    One that is None is written ``"none"``, an optional slot that stays empty ``{ use = "none" }``,
    also where that is the default: the slot that a part fills may have another default.
    """
    plain: dict[str, Any] = {}
    for field in attrs.fields(type(config)):
        value = getattr(config, field.name)
        empty = {"use": NONE_WORD} if "kind" in field.metadata else NONE_WORD
        shown: Any = empty if value is None else to_plain(value)
        if isinstance(value, Mapping):
            shown = {**shown, **_taken_away(field, value)}
        plain[field.name] = shown
    return plain


def _taken_away(field: attrs.Attribute[Any], value: Mapping[str, Any]) -> dict[str, str]:
    """Entries of a default table that a setting is without."""
    default = field.metadata.get("default") or default_of(field)
    names: set[str] = {*default} - {*value} if isinstance(default, Mapping) else set()
    return dict.fromkeys(sorted(names), NONE_WORD)
