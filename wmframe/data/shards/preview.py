"""Images of a folder of shards."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from wmframe.data.shards.sampler import ClipSampler
from wmframe.data.shards.shard_set import ShardSet
from wmframe.data.video import evenly, strip, write_mp4, write_png

COLUMNS: Final = 8
"""Frames of a video on the contact sheet."""


def write_preview(
    clips: ShardSet, out: Path, *, count: int, length: int, seed: int
) -> tuple[Path, Path]:
    """Write a contact sheet and a video of several clips; return both files.

    Args:
        clips: what to show.
        out: folder for the files; they are named after the set's folder.
        count: how many videos.
        length: frames of those that play.
        seed: fixes which.
    """
    sheet, film = out / f"{clips.folder.name}.png", out / f"{clips.folder.name}.mp4"
    write_png(sheet, contact_sheet(clips, count, COLUMNS, seed))
    columns = max(1, round(count**0.5))
    write_mp4(film, mosaic(clips, count // columns * columns, columns, length, seed), fps=10)
    return sheet, film


def contact_sheet(clips: ShardSet, count: int, columns: int, seed: int) -> np.ndarray:
    """Videos below one another, frames evenly spread over each from left to right: uint8 [H, W, 3].

    Args:
        clips: what to show.
        count: how many videos, all different; fewer where there are fewer.
        columns: frames of each; the last of a shorter one is repeated.
        seed: fixes which.
    """
    rows = [
        strip(np.stack([clips.read(index, t, 1)[0] for t in spread(clips.frames[index], columns)]))
        for index in chosen(clips, count, seed)
    ]
    gap_HWC = np.full((4, *rows[0].shape[1:]), 255, np.uint8)
    stacked = [part for row_HWC in rows for part in (row_HWC, gap_HWC)][:-1]
    return np.concatenate(stacked)


def mosaic(clips: ShardSet, count: int, columns: int, length: int, seed: int) -> np.ndarray:
    """Windows that play side by side, drawn as for learning: uint8 [T, H, W, 3].

    Args:
        clips: what to show.
        count: how many, a multiple of ``columns``.
        columns: how many in a row.
        length: frames of each, at most; the longest video may have fewer.
        seed: fixes which.
    """
    length = min(length, int(clips.frames.max()))
    _, drawn, starts = ClipSampler([clips], None, length, seed).draw(0, count)
    windows = [clips.read(i, start, length) for i, start in zip(drawn, starts, strict=True)]
    rows = [np.concatenate(windows[at : at + columns], axis=2) for at in range(0, count, columns)]
    return np.concatenate(rows, axis=1)


def chosen(clips: ShardSet, count: int, seed: int) -> list[int]:
    """Different clips, in the order of the shards."""
    drawn = np.random.default_rng(seed).permutation(len(clips))[:count]
    return sorted(int(index) for index in drawn)


def spread(frames: int, columns: int) -> list[int]:
    """``columns`` moments from the first frame to the last."""
    moments = sorted(evenly(int(frames), columns))
    return moments + moments[-1:] * (columns - len(moments))
