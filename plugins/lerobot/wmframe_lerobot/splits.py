"""Training and held-out episodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wmframe.data.splits import fraction
from wmframe.errors import DamagedError
from wmframe_lerobot.entry import Entry

HELD_OUT: Final = ("val", "validation", "valid")
"""Names of the held-out split in datasets."""


def in_split(
    entries: Sequence[Entry], splits: Mapping[str, str], split: str, held_out: float
) -> list[Entry]:
    """The episodes of a split; see :func:`numbers_in_split`."""
    found = numbers_in_split([one.index for one in entries], splits, split, held_out)
    return [one for one in entries if one.index in found]


def numbers_in_split(
    numbers: Iterable[int], splits: Mapping[str, str], split: str, held_out: float
) -> set[int]:
    """The numbers of a split's episodes.

    A dataset that names a split to hold out is followed. Recorders write ``{"train": "0:N"}``
    alone; then a hash of the episode's number decides, so that an episode stays where it is when
    others are recorded, and all cameras of one are in the same split. Episodes of other splits,
    such as ``test``, are in neither.

    Args:
        numbers: of all episodes.
        splits: of ``meta/info.json``: by name, ``FIRST:END``.
        split: ``train`` or ``val``.
        held_out: part that is ``val`` where the dataset names none.

    Raises:
        DamagedError: a split is not of that form.
    """
    ranges = {name: _range(name, text) for name, text in splits.items()}
    named = next((name for name in HELD_OUT if name in ranges), None)
    if named is not None and split == "val":
        return {number for number in numbers if number in ranges[named]}
    if "train" in ranges:
        pool = {number for number in numbers if number in ranges["train"]}
    else:
        taken = ranges.values()
        pool = {number for number in numbers if not any(number in each for each in taken)}
    if named is not None:
        return pool
    return {number for number in pool if (fraction(name_of(number)) < held_out) == (split == "val")}


def name_of(number: int) -> str:
    """The hashed text of an episode."""
    return f"episode {number}"


def _range(name: str, text: str) -> range:
    found = re.fullmatch(r"\s*(\d*)\s*:\s*(\d*)\s*", text)
    if found is None:
        raise DamagedError(f"meta/info.json: split {name} is {text!r}, not FIRST:END")
    return range(int(found[1] or 0), int(found[2] or 2**63))
