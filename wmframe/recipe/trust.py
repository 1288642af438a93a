"""What the run of a stranger would execute: asked about before any of it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def _named(part: Part, place: str) -> Iterator[str]:
    """Each text that names code in the settings of a part and of those in it, with its key."""
    for field in attrs.fields(type(part.config)) if part.config is not None else ():
        value, key = getattr(part.config, field.name), f"{place}.{field.name}"
        if executes := field.metadata.get("executes"):
            yield from (f"{text} ({key})" for text in executes(value))
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Part):
                yield from _named(inner, key)
