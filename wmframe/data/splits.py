"""Hash-based splits, which stay the same when videos are added."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from wmframe.errors import MissingError

Videos = TypeVar("Videos", bound=Sequence[object])


def digest(text: str) -> hashlib.blake2b:
    """An 8-byte hash of any text, names of files that are no UTF-8 included."""
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8)


def fraction(text: str) -> float:
    """A number in [0, 1) that depends only on the text; below ``held_out`` it is val."""
    return int.from_bytes(digest(text).digest(), "big") / 2**64


def none_missing(chosen: Videos, found: int, split: str, held_out: float) -> Videos:
    """The videos of a split that :func:`fraction` chose.

    Args:
        chosen: those of the split.
        found: how many there are of all splits.
        split: ``train`` or ``val``.
        held_out: the part that is ``val``.

    Raises:
        MissingError: there are videos, and all of them fall into the other split.
    """
    if found and not chosen and (split, held_out) != ("val", 0):
        other = "val" if split == "train" else "train"
        raise MissingError(
            f"none of the {found} videos found falls into {split}: by the hash of its name, each is"
            f" {other} (held_out = {held_out:g})",
            f"change it, as with --set held_out={0 if split == 'train' else 0.5:g}, or pack"
            f" --split {other}",
        )
    return chosen
