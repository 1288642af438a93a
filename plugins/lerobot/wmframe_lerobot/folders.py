"""Layout of the episodes of a LeRobot dataset: versions 2 and 3 of the format.

Version 2 has a Parquet file and, for each camera, a video file an episode. Version 3 puts many
episodes one after the other into each file and keeps in ``meta/episodes`` where each begins.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.errors import DamagedError
from wmframe_lerobot.entry import Entry, Row
from wmframe_lerobot.info import Info
from wmframe_lerobot.paths import below, fill
from wmframe_lerobot.stretches import seconds, stretch_of
from wmframe_lerobot.tables import AGAIN, read_lines, read_parquet, read_rows

MOST: Final = 10**9
"""Upper limit on the number of an episode or of its frames."""


@attrs.frozen
class Span:
    """A camera's frames of an episode: frames ``start`` to ``stop`` of a file; None for all.

    Where the dataset contradicts itself about them, ``problem`` says how.
    """

    path: Path
    start: int = 0
    stop: int | None = None
    problem: str = ""


class Folder(ABC):
    """A dataset's folder.

    Args:
        info: what it says of itself.
    """

    def __init__(self, info: Info) -> None:
        self.info = info

    def entries(self) -> list[Entry]:
        """Every episode, by number.

        Raises:
            DamagedError: what lists them is damaged or not there.
        """
        try:
            texts = self.tasks()
            found = [_entry(row, texts) for row in self.rows()]
        except (KeyError, TypeError, ValueError) as error:
            message = f"the episodes of {self.info.root} are damaged: {type(error).__name__}"
            raise DamagedError(f"{message} {error}", AGAIN) from error
        for one, other in pairwise(sorted(found, key=lambda one: one.index)):
            if one.index == other.index:
                message = f"{self.info.root}: meta lists episode {one.index} twice"
                raise DamagedError(f"{message}, of {one.length} and {other.length} frames", AGAIN)
        return sorted(found, key=lambda one: one.index)

    def span(self, entry: Entry, camera: str) -> Span | None:
        """Where a camera's frames are; None where it did not film this episode."""
        if self.info.features[camera]["dtype"] == "image":
            return Span(self.data(entry))
        return self.video(entry, camera)

    @abstractmethod
    def rows(self) -> Iterable[Row]:
        """A row of facts an episode."""

    @abstractmethod
    def tasks(self) -> dict[int, str]:
        """The tasks' texts, by number."""

    @abstractmethod
    def data(self, entry: Entry) -> Path:
        """The Parquet file with the episode's rows."""

    @abstractmethod
    def video(self, entry: Entry, camera: str) -> Span | None:
        """The episode's part of a video file."""


class FolderV2(Folder):
    """Versions 2.0 and 2.1: one file per episode."""

    def rows(self) -> Iterable[Row]:
        """See :class:`Folder`."""
        return read_lines(self.info.root / "meta" / "episodes.jsonl")

    def tasks(self) -> dict[int, str]:
        """See :class:`Folder`."""
        path = self.info.root / "meta" / "tasks.jsonl"
        rows = read_lines(path) if path.is_file() else []
        return {row["task_index"]: row["task"] for row in rows if {"task_index", "task"} <= {*row}}

    def data(self, entry: Entry) -> Path:
        """See :class:`Folder`."""
        return self._path(self.info.data_path, entry)

    def video(self, entry: Entry, camera: str) -> Span:
        """See :class:`Folder`."""
        return Span(self._path(self.info.video_path, entry, video_key=camera))

    def _path(self, template: str, entry: Entry, **more: str) -> Path:
        chunk = entry.index // self.info.chunk
        filled = fill(template, episode_chunk=chunk, episode_index=entry.index, **more)
        return below(self.info.root, filled)


class FolderV3(Folder):
    """Version 3.0: many episodes per file."""

    def __init__(self, info: Info) -> None:
        super().__init__(info)
        self._before: dict[str, dict[int, int]] = {}

    def rows(self) -> Iterable[Row]:
        """See :class:`Folder`."""
        folder = self.info.root / "meta" / "episodes"
        paths = sorted(folder.glob("*/*.parquet"))
        if not paths:
            raise DamagedError(f"{folder} has no Parquet files in it", AGAIN)
        return [row for path in paths for row in read_rows(path)]

    def tasks(self) -> dict[int, str]:
        """See :class:`Folder`; the texts are the table's index, whose column has several names."""
        path = self.info.root / "meta" / "tasks.parquet"
        columns = read_parquet(path) if path.is_file() else {}
        numbers = columns.pop("task_index", [])
        texts = next((values for values in columns.values() if _are_texts(values)), [])
        return dict(zip(numbers, texts, strict=False))

    def data(self, entry: Entry) -> Path:
        """See :class:`Folder`."""
        return below(self.info.root, fill(self.info.data_path, **_place(entry, "data")))

    def video(self, entry: Entry, camera: str) -> Span | None:
        """See :class:`Folder`; timestamps are rounded to frames, and compared with the lengths."""
        group = f"videos/{camera}"
        if not _filmed(entry, group):
            return None
        filled = fill(self.info.video_path, video_key=camera, **_place(entry, group))
        if camera not in self._before:
            self._before[camera] = frames_before(self.entries(), group)
        stretch = stretch_of(entry, group, self.info.fps)
        problem = stretch.problem(self._before[camera][entry.index])
        start = stretch.start
        return Span(below(self.info.root, filled), start, start + entry.length, problem)


def frames_before(entries: Iterable[Entry], group: str) -> dict[int, int]:
    """By episode, how many frames the lengths of the episodes before it in its file sum to."""
    files: dict[tuple[int, ...], int] = {}
    before: dict[int, int] = {}
    filmed = [entry for entry in entries if _filmed(entry, group)]
    for entry in sorted(filmed, key=lambda one: seconds(one.row, f"{group}/from_timestamp")):
        file = tuple(_place(entry, group).values())
        before[entry.index] = files.get(file, 0)
        files[file] = before[entry.index] + entry.length
    return before


def open_folder(info: Info) -> Folder:
    """The folder of a dataset, by its version."""
    return FolderV2(info) if info.major == 2 else FolderV3(info)


def _entry(row: Row, texts: Mapping[int, str]) -> Entry:
    index, length = int(row["episode_index"]), int(row["length"])
    if not 0 <= index < MOST or not 1 <= length < MOST:
        raise ValueError(f"episode {index} of {length} frames")
    named = row.get("tasks") or (list(texts.values()) if len(texts) == 1 else [])
    named = [named] if isinstance(named, str) else named
    return Entry(index, length, "; ".join(str(texts.get(one, one)) for one in named), row)


def _filmed(entry: Entry, group: str) -> bool:
    return all(
        entry.row.get(f"{group}/{name}") is not None for name in ("from_timestamp", "file_index")
    )


def _place(entry: Entry, group: str) -> dict[str, int]:
    try:
        return {name: int(entry.row[f"{group}/{name}"]) for name in ("chunk_index", "file_index")}
    except (KeyError, TypeError) as error:
        message = f"meta/episodes does not say in which file {group} of {entry.index} is"
        raise DamagedError(message, AGAIN) from error


def _are_texts(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(value, str) for value in values)
