"""The code that an untrusted run would execute, listed before any of it is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.config import Part
from wmframe.errors import UsageError

ASK: Final = "read it first; if you trust it, add --trust (in Python: trust=True)"


def refuse_files(recipe: Path, files: Sequence[Path]) -> None:
    """Refuse local plugins that this process has not imported yet.

    Raises:
        UsageError: there are some; they are named.
    """
    if files:
        _refuse(recipe, [f"{file} (plugins.local)" for file in files])


def refuse_settings(recipe: Path, stages: Sequence[tuple[str, Any]]) -> None:
    """Refuse settings that name code.

    Raises:
        UsageError: there are some; they are named.
    """
    found = [line for name, part in stages for line in _named(part, f"stages.{name}")]
    if found:
        _refuse(recipe, found)


def _refuse(recipe: Path, found: Sequence[str]) -> None:
    lines = "\n  ".join(found)
    raise UsageError(f"{recipe} would have this code executed:\n  {lines}", ASK)


def _named(owner: Any, place: str) -> Iterator[str]:
    """Each text that names code in settings and in those in them, with its key.

    Args:
        owner: a part, a config, or several of them.
        place: its key.
    """
    if isinstance(owner, Part):
        owner = owner.config
    if isinstance(owner, Mapping):
        for name, inner in owner.items():
            yield from _named(inner, f"{place}.{name}")
    elif isinstance(owner, tuple):
        for inner in owner:
            yield from _named(inner, place)
    for field in attrs.fields(type(owner)) if attrs.has(type(owner)) else ():
        value, key = getattr(owner, field.name), f"{place}.{field.name}"
        if executes := field.metadata.get("executes"):
            yield from (f"{text} ({key})" for text in executes(value))
        yield from _named(value, key)
