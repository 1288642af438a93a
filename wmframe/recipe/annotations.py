"""Declarations of settings, for validation, messages and the JSON schema."""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from wmframe.recipe.scalars import NAMES

NONE_WORD: Final = "none"
"""How a recipe writes None, which TOML does not have."""


@functools.cache
def annotations_of(config: type) -> Mapping[str, Any]:
    """The resolved annotation of each field of a config class."""
    return get_type_hints(config)


def default_of(field: attrs.Attribute[Any]) -> Any:
    """The default of a setting; ``attrs.NOTHING`` where there is none, or where it depends."""
    default = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return attrs.NOTHING if default.takes_self else default.factory()  # type: ignore[union-attr]
    return default


def union_members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union without None; empty if it is no union."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return ()
    return tuple(member for member in get_args(annotation) if member is not type(None))


def allows_none(annotation: Any) -> bool:
    """Whether the setting may be None."""
    return type(None) in get_args(annotation)


def is_array(annotation: Any) -> bool:
    """Whether the setting is an array."""
    return (get_origin(annotation) or annotation) in (tuple, list, Sequence)


def is_mapping(annotation: Any) -> bool:
    """Whether the setting is a table with keys of the user's choice."""
    return (get_origin(annotation) or annotation) in (dict, Mapping)


def element_types(annotation: Any, length: int) -> tuple[Any, ...] | None:
    """The annotation of each element of an array, or None if it cannot have this length."""
    arguments = get_args(annotation)
    if not arguments:
        return (Any,) * length
    if get_origin(annotation) is tuple and arguments[-1] is not Ellipsis:
        return arguments if len(arguments) == length else None
    return (arguments[0],) * length


def in_words(annotation: Any) -> str:
    """The type as messages name it."""
    if members := union_members(annotation):
        words = [in_words(member) for member in members]
        return " or ".join([*words, f'"{NONE_WORD}"'] if allows_none(annotation) else words)
    if is_array(annotation):
        return "an array"
    if is_mapping(annotation) or attrs.has(annotation):
        return "a table"
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(map(repr, get_args(annotation)))
    return NAMES.get(annotation, getattr(annotation, "__name__", str(annotation)))
