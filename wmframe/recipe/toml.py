"""Plain values as TOML text, which :mod:`tomllib` only reads."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any


def toml_document(values: Mapping[str, Any]) -> str:
    """A document with a header for each table; tables within arrays are written inline."""
    return "\n".join(_lines(values, ())).lstrip("\n") + "\n"


def toml_value(value: Any) -> str:
    """A value on one line.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(value) if not math.isfinite(value) else repr(value)
    if isinstance(value, Mapping):
        pairs = [f"{toml_key(key)} = {toml_value(child)}" for key, child in value.items()]
        return "{ " + ", ".join(pairs) + " }" if pairs else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise TypeError(f"a recipe cannot hold {value}")


def toml_key(key: str) -> str:
    """One part of a key, quoted where it has to be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _string(key)


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    if path and (len(tables) < len(table) or not table):
        yield f"\n[{'.'.join(map(toml_key, path))}]"
    for key, value in table.items():
        if key not in tables:
            yield f"{toml_key(key)} = {toml_value(value)}"
    for key, value in tables.items():
        yield from _lines(value, (*path, key))


def _string(text: str) -> str:
    # JSON's escapes are TOML's, which also asks for one of DEL
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
