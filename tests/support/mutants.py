"""Damaged and malicious files out of good ones, the same for the same generator."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, Final

DEEP: Final = "[" * 100_000
"""What stands for a value that is nested too deeply; see :func:`json_text`."""

TORN: Final = 0.1
"""Part of the JSON that is damaged as text too."""

ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    3,
    2**31,
    2**63,
    10**400,
    0.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "../../x",
    "/etc/passwd",
    "a\0b",
    "\ud800",
    "\x1b[2J",
    "y" * 70_000,
    [],
    {},
    [[]],
    {"": {}},
    [None, -1, "x"],
    DEEP,
)
"""Values that stand where they do not belong."""


def mutate_json(value: Any, draw: random.Random) -> str:
    """The text of a JSON value with one place changed: another value, none, two, or a new key."""
    changed = {"": copy.deepcopy(value)}
    owner, key = draw.choice(list(_places(changed)))
    kind = draw.randrange(6)
    if kind < 3 or owner is changed:
        owner[key] = draw.choice(ODD)
    elif kind == 3:
        del owner[key]
    elif kind == 4 and isinstance(owner, list):
        owner.insert(key, copy.deepcopy(owner[key]))
    elif isinstance(owner, dict):
        owner[draw.choice(("", "x", "../x", "__class__", "\x1b[2J"))] = owner.pop(key)
    text = json_text(changed[""])
    if draw.random() < TORN:
        return mutate_bytes(text.encode(), draw).decode("utf-8", "replace")
    return text


def json_text(value: Any) -> str:
    """JSON that may be nested more deeply than Python can write it."""
    return json.dumps(value).replace(json.dumps(DEEP), DEEP + "]" * len(DEEP))


def _places(value: Any) -> Any:
    """Every (container, key) in a value."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def mutate_bytes(data: bytes, draw: random.Random) -> bytes:
    """The bytes cut, lengthened, overwritten or with some bits turned, in one to three places."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(changed) + 1)
        length = draw.choice((1, 2, 4, 8, 64))
        kind = draw.randrange(6)
        if kind == 0:
            del changed[at:]
        elif kind == 1:
            del changed[at : at + length]
        elif kind == 2:
            changed[at:at] = draw.randbytes(length)
        elif kind == 3:
            end = min(at + length, len(changed))
            changed[at:end] = draw.choice((b"\xff", b"\0", b"\x80")) * (end - at)
        elif at < len(changed):
            changed[at] ^= 1 << draw.randrange(8)
    return bytes(changed)
