"""Where things are below the folder that the user names: frames, annotations, lists.

The publisher's archives unpack to ``images/`` and ``h36m/annot/``; ContextWM's script to ``human/``
with the annotations next to it, and its cropped frames into one folder. Subjects may have folders
of their own in any of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import attrs

from wmframe.data.folders import walk
from wmframe.data.lists import read_list, wrong_row
from wmframe.errors import MissingError, UsageError
from wmframe_human36m.titles import FRAME, Division, Title

SOURCE: Final = "http://visiondata.cis.upenn.edu/volumetric/h36m"
"""Where Pavlakos et al. publish the frames; S1.tar, S5.tar, ... and h36m_annot.tar."""

LISTS: Final[Mapping[tuple[Division, str], str]] = {
    ("subjects", "train"): "human_train.txt",
    ("subjects", "val"): "human_valid.txt",
    ("full", "train"): "human_full.txt",
    ("full", "val"): "human_valid.txt",
    ("sv", "train"): "human_sv_train.txt",
    ("sv", "val"): "human_sv_valid.txt",
}
"""ContextWM's list of each split; a row is a title, the number of its frames and the action."""

FORM: Final = "TITLE FRAMES ACTION"
EXAMPLE: Final = "S9_Eating.54138969 537 Eating"

LEVELS: Final = 3
"""How far above the frames annotations and lists are looked for."""


@attrs.define
class Found:
    """Where a video's frames are, and how many."""

    folder: Path
    frames: int = 0


def find_frames(root: Path) -> dict[str, Found]:
    """The videos that have frames at or below ``root``, by title.

    Raises:
        MissingError: ``root`` is no folder.
        UsageError: a video is there twice, as with cropped frames next to the others.
    """
    found: dict[str, Found] = {}
    for folder, _, files in walk(root):
        for name in filter(None, map(FRAME.fullmatch, files)):
            video = found.setdefault(name[1], Found(folder))
            if video.folder is not folder:
                message = f"{name[1]} has frames in {video.folder} and in {folder}"
                raise UsageError(message, "make --root the folder of those that you mean")
            video.frames += 1
    return found


def check_subjects(root: Path, found: Iterable[str], wanted: Iterable[int]) -> None:
    """See that there are frames of every subject that is wanted.

    Raises:
        MissingError: of some there are none.
    """
    titles = filter(None, map(Title.parse, found))
    there = {title.subject for title in titles}
    lacking = [subject for subject in wanted if subject not in there]
    if not lacking:
        return
    archives = ", ".join(f"S{subject}.tar" for subject in lacking)
    hint = f"unpack {archives} of {SOURCE} there, so that images/S9_Directions.54138969_000001.jpg"
    hint += " and so on are below --root"
    if there:
        hint += f"; or name those that you have: --set subjects={sorted(there)}"
    names = ", ".join(f"S{subject}" for subject in lacking)
    raise MissingError(f"no frames of {names} are at or below {root}", hint)


def find_list(frames: Path, division: Division, split: str) -> Path | None:
    """ContextWM's list of a split, next to or above the folder ``frames``; None if it has none."""
    return above(frames, [LISTS[division, split]])


def frames_in_list(path: Path) -> dict[str, int]:
    """How many frames each video of a list has, by title.

    Raises:
        DamagedError: a row is not a title, a number and an action.
    """
    lengths: dict[str, int] = {}
    for row in read_list(path, FORM, EXAMPLE):
        if Title.parse(row.name) is None:
            raise wrong_row(row.place, f"{row.name} {row.frames} {row.label}", FORM, EXAMPLE)
        lengths[row.name] = row.frames
    return lengths


def above(frames: Path, names: Iterable[str]) -> Path | None:
    """The first of some files that is in a folder or in one of those above it; None if none is."""
    start = frames.absolute()
    for folder in (start, *start.parents)[: LEVELS + 1]:
        for name in names:
            if (folder / name).is_file():
                return folder / name
    return None
