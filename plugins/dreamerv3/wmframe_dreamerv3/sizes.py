"""Sizes of DreamerV3: one name for all widths. Light: nothing here imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from wmframe import limits
from wmframe.config import Part, setting

SIZES: Final[Mapping[str, int]] = {
    "1m": 512,
    "12m": 2048,
    "25m": 3072,
    "50m": 4096,
    "100m": 6144,
    "200m": 8192,
    "400m": 12288,
}
"""Length of the recurrent state by the size's name; the other widths are parts of it."""

PARTS: Final = {"deter": 1, "hidden": 8, "units": 8, "classes": 128, "depth": 128}

DEFAULT: Final = "12m"


class Sized:
    """A config whose widths are 0 until :func:`with_size` sets them."""


def width_setting(help: str) -> Any:  # noqa: A002
    """Declare a width that the size sets unless a recipe does."""
    return setting(0, help=f"{help}; 0: by the agent's size", minimum=0, maximum=limits.UNITS)


def with_size(value: Any, size: str = DEFAULT) -> Any:
    """A config, or a part, or a table of them, with every width set, parts within it included."""
    if isinstance(value, Part):
        return attrs.evolve(value, config=with_size(value.config, size))
    if isinstance(value, dict):
        return {name: with_size(item, size) for name, item in value.items()}
    if not isinstance(value, Sized):
        return value
    config: Any = value
    changes: dict[str, Any] = {}
    for field in attrs.fields(type(config)):
        now = getattr(config, field.name)
        width = SIZES[size] // PARTS[field.name] if field.name in PARTS else now
        changes[field.name] = with_size(now or width, size)
    return attrs.evolve(config, **changes)
