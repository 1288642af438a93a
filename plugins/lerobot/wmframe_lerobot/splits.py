"""Which episodes are learnt from and which are held out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

from wmframe.errors import DamagedError
from wmframe_lerobot.folders import Entry

HELD_OUT: Final = ("val", "validation", "valid")
"""How datasets call the split that is held out."""


def in_split(
    entries: Sequence[Entry], splits: Mapping[str, str], split: str, held_out: float
) -> list[Entry]:
    """The episodes of a split.

    A dataset that names a split to hold out is followed. Recorders write ``{"train": "0:N"}``
    alone; then a hash of the episode's number decides, so that an episode stays where it is when
    others are recorded, and all cameras of one are in the same split. Episodes of other splits,
    such as ``test``, are in neither.

    Args:
        entries: all episodes.
        splits: of ``meta/info.json``: by name, ``FIRST:END``.
        split: ``train`` or ``val``.
        held_out: part that is ``val`` where the dataset names none.

    Raises:
        DamagedError: a split is not of that form.
    """
    ranges = {name: _range(name, text) for name, text in splits.items()}
    named = next((name for name in HELD_OUT if name in ranges), None)
    if named is not None and split == "val":
        return [one for one in entries if one.index in ranges[named]]
    if "train" in ranges:
        pool = [one for one in entries if one.index in ranges["train"]]
    else:
        pool = [one for one in entries if not any(one.index in each for each in ranges.values())]
    if named is not None:
        return pool
    return [one for one in pool if (fraction(one.index) < held_out) == (split == "val")]


def fraction(index: int) -> float:
    """A number in [0, 1) that an episode's number alone decides."""
    digest = hashlib.blake2b(f"episode {index}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _range(name: str, text: str) -> range:
    found = re.fullmatch(r"\s*(\d*)\s*:\s*(\d*)\s*", text)
    if found is None:
        raise DamagedError(f"meta/info.json: split {name} is {text!r}, not FIRST:END")
    return range(int(found[1] or 0), int(found[2] or 2**63))
