"""Which videos a split has: by a list file, by folders that are named, or as published."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from wmframe.data.lists import read_list
from wmframe.errors import MissingError
from wmframe_youtube_driving.survey import Run, key_of

HELD_OUT: Final = tuple(f"dir-{n}" for n in (0, 15, 18, 23, 29, 30, 35, 36, 44, 56, 81))
"""The folders of ContextWM's val split (Wu et al. 2023)."""


def by_folder(found: Sequence[Run], split: str, held_out: Sequence[str]) -> list[Run]:
    """The videos of folders that are held out, or of all others.

    Args:
        found: all videos.
        split: ``train`` or ``val``.
        held_out: names of the publisher's folders.

    Raises:
        MissingError: the split would be empty.
    """
    chosen = [run for run in found if (run.origin in held_out) == (split == "val")]
    if not chosen:
        there = ", ".join(sorted({run.origin for run in found})[:12])
        which = "none" if split == "val" else "no others than those"
        raise MissingError(
            f"{which} of the folders that are held out ({', '.join(held_out)}) are there",
            f"set held_out to some of the folders that are: {there}",
        )
    return chosen


def by_list(found: Sequence[Run], path: Path) -> list[Run]:
    """The videos that a list file names, in its order; it is said what is not there.

    Raises:
        MissingError: none of them, or the file, is there.
        DamagedError: a row has another form.
    """
    frames, by_key = frames_in_list(path), {run.key: run for run in found}
    chosen = [by_key[key] for key in frames if key in by_key]
    absent = [key for key in frames if key not in by_key]
    which = f"videos of {path} are not there, such as {', '.join(absent[:3])}"
    if not chosen:
        there = ", ".join(list(by_key)[:3])
        raise MissingError(f"all {len(frames)} {which}", f"there are {there}: use their list")
    if absent:
        warnings.warn(f"{len(absent)} of {len(frames)} {which}", stacklevel=4)
    other = [run for run in chosen if len(run.numbers) != frames[run.key]]
    if other:
        one = other[0]
        warnings.warn(
            f"{len(other)} videos have other frames than {path} says, such as {one.key}: "
            f"{len(one.numbers):,}, not {frames[one.key]:,}",
            stacklevel=4,
        )
    return chosen


def frames_in_list(path: Path) -> dict[str, int]:
    """Frames by the video's key, from rows ``NAME FRAMES None``; the name may be a path.

    Raises:
        MissingError: the file is not there.
        DamagedError: a row has another form; the message names it.
    """
    rows = read_list(path, "NAME FRAMES None", "dir-7_0 8976 None")
    return {key_of(row.name): row.frames for row in rows}
