"""Segments of episodes in a video file that holds several, checked for consistency."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs

from wmframe.errors import DamagedError
from wmframe_lerobot.entry import Entry
from wmframe_lerobot.tables import AGAIN


@attrs.frozen
class Stretch:
    """The segment of an episode in a video file, from ``meta/episodes``.

    Attributes:
        group: ``videos/CAMERA``.
        index: of the episode.
        length: frames of it, by ``length``.
        fps: frames a second.
        begin: ``from_timestamp``, in seconds.
        end: ``to_timestamp``; None where it is not said.
    """

    group: str
    index: int
    length: int
    fps: float
    begin: float
    end: float | None

    @property
    def start(self) -> int:
        """Its first frame in the file, by ``from_timestamp``."""
        return round(self.begin * self.fps)

    def problem(self, before: int) -> str:
        """The contradiction between the fields; empty if they agree.

        Args:
            before: frames of the episodes before it in the file, by their lengths.
        """
        where = f"meta/episodes, episode {self.index}: {self.group}"
        if self.start != before:
            said = f"from_timestamp is {self.begin:g} s, frame {self.start} at {self.fps:g} fps"
            return f"{where}/{said}, but the episodes before it in the file have {before} frames"
        if self.end is None:
            return ""
        frames = round((self.end - self.begin) * self.fps)
        said = f"from_timestamp to to_timestamp are {frames} frames, but length is {self.length}"
        return "" if frames == self.length else f"{where}/{said}"


def stretch_of(entry: Entry, group: str, fps: float) -> Stretch:
    """The segment of an episode in the video file of a camera.

    Raises:
        DamagedError: a timestamp is no number.
    """
    begin, end = f"{group}/from_timestamp", f"{group}/to_timestamp"
    stop = None if entry.row.get(end) is None else seconds(entry.row, end)
    return Stretch(group, entry.index, entry.length, fps, seconds(entry.row, begin), stop)


def seconds(row: Mapping[str, Any], key: str) -> float:
    """A timestamp of a row.

    Raises:
        DamagedError: it is no number from 0 on.
    """
    value = row.get(key)
    if isinstance(value, int | float) and math.isfinite(value) and value >= 0:
        return float(value)
    raise DamagedError(f"meta/episodes: {key} is {value!r}, not a time in seconds", AGAIN)
