"""Which videos are held out where nobody says, so that they stay so when others come."""

from __future__ import annotations

import hashlib


def digest(text: str) -> hashlib.blake2b:
    """An 8-byte hash of any text, names of files that are no UTF-8 included."""
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8)


def fraction(text: str) -> float:
    """A number in [0, 1) that the text alone decides; one below a dataset's ``held_out`` is val."""
    return int.from_bytes(digest(text).digest(), "big") / 2**64
