"""EpisodeStore: complete episodes on disk, one ring a key and an index over them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np

from wmframe.data.replay.index import NUMBERS, Index, Record
from wmframe.data.replay.ring import Ring
from wmframe.errors import CheckpointError, MissingError, UsageError
from wmframe.types import Episode, TensorSpec

Arrays = Mapping[str, np.ndarray]


class EpisodeStore:
    """Appends episodes and reads rows back; full rings overwrite the oldest episodes.

    Args:
        folder: made if it is not there.
        rows: physical length of the rings; None takes an existing folder as it is.

    Raises:
        MissingError: ``rows`` is None and the folder holds no replay.
        CheckpointError: a file is damaged, or the rings have another length and are in use.
    """

    def __init__(self, folder: Path, rows: int | None = None) -> None:
        self.folder = folder
        found = Index.load(folder)
        if found is None and rows is None:
            raise MissingError(f"{folder} holds no replay", "give the replay folder of a stage")
        folder.mkdir(parents=True, exist_ok=True)
        self.index = found or Index(rows or 0)
        self._rings: dict[str, Ring] = {}
        if rows is None or rows == self.index.rows:
            self._open_rings(create=False)
        else:
            self._resize(rows)

    def _open_rings(self, create: bool) -> None:
        layout, rows = self.index.layout, self.index.rows
        self._rings = {k: Ring(self.folder, k, spec, rows, create) for k, spec in layout.items()}

    def _resize(self, rows: int) -> None:
        """Rings that never wrapped may change their length."""
        if self.index.head > min(rows, self.index.rows):
            raise CheckpointError(
                f"{self.folder} was made for another capacity, and is in use beyond this one",
                "set the replay's capacity back, or use another run folder",
            )
        self.index = attrs.evolve(self.index, rows=rows)
        self._open_rings(create=True)
        self.index.save(self.folder)

    @property
    def keys(self) -> tuple[str, ...]:
        """What the episodes hold; nothing before the first."""
        return tuple(self._rings)

    @property
    def tail(self) -> int:
        """The oldest position that is not overwritten yet."""
        return self.index.head - self.index.rows

    def conform(self, episode: Episode) -> dict[str, np.ndarray]:
        """The episode's arrays, contiguous, checked against each other and those already held.

        Raises:
            UsageError: a key is missing or new, an array has another length, shape or dtype,
                or holds what is no finite number.
        """
        arrays = {key: _contiguous(value) for key, value in episode.data.items()}
        if episode.length > self.index.rows:
            message = f"{_name(episode)} has {episode.length} rows, more than the replay holds"
            raise UsageError(message, "raise the replay's capacity")
        for key, array in arrays.items():
            rows = array.shape[:1]
            if array.dtype.kind not in NUMBERS or rows != (episode.length,) or not array.size:
                raise UsageError(f"{_name(episode)}: {key} is not an array of numbers a row")
            _expect_finite(episode, key, array)
        given, held = _layout(arrays), self.index.layout
        odd = sorted(key for key in {*given, *held} if given.get(key) != held.get(key))
        if held and odd:
            message = f"{_name(episode)} differs from those in {self.folder} in {', '.join(odd)}"
            raise UsageError(message, "use another run folder for other observations")
        return arrays

    def describe(self, episode: Episode, arrays: Arrays) -> Record:
        """The record of an episode that would be appended now; ``arrays`` from :meth:`conform`."""
        scores = {name: float(value) for name, value in episode.scores.items()}
        return Record(
            start=self.index.head,
            length=episode.length,
            worker=episode.worker,
            number=episode.number,
            checksum=checksum(arrays),
            scores=scores,
        )

    def append(self, record: Record, arrays: Arrays) -> None:
        """Write a described episode; when this returns it is on the disk, complete.

        Raises:
            WmframeError: the disk is full or failing; the episodes before it are still there.
        """
        if not self._rings:
            self.index = attrs.evolve(self.index, layout=_layout(arrays))
            self._open_rings(create=True)
        head = record.start + record.length
        kept = tuple(r for r in self.index.records if r.start >= head - self.index.rows)
        if len(kept) < len(self.index.records):  # forget what will be overwritten, before it is
            self._commit(record.start, kept)
        for key, ring in self._rings.items():
            ring.write(record.start, arrays[key])
        self._commit(head, (*kept, record))

    def _commit(self, head: int, records: tuple[Record, ...]) -> None:
        self.index = attrs.evolve(self.index, head=head, records=records)
        self.index.save(self.folder)

    def gather(self, key: str, positions: np.ndarray) -> np.ndarray:
        """Rows of one key at ``positions`` [..], copied: [.., *shape]."""
        return self._rings[key].gather(positions)

    def gather_finite(self, key: str, positions: np.ndarray) -> np.ndarray:
        """The same, for a learner.

        Raises:
            CheckpointError: one holds what is no finite number, as older versions let in.
        """
        values = self.gather(key, positions)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            first = np.argwhere(~np.isfinite(values))[0][: positions.ndim]
            raise self._poisoned(key, int(positions[tuple(first)]))
        return values

    def _poisoned(self, key: str, position: int) -> CheckpointError:
        ends = ((r, r.start + r.length) for r in self.index.records)
        record = next(r for r, end in ends if r.start <= position < end)
        where = (
            f"episode {record.number} of simulator {record.worker}, row {position - record.start}"
        )
        hint = "begin another run after fixing the environment; this folder cannot be trained on"
        return CheckpointError(f"{self.folder}: {key} is not finite in {where}", hint)

    def read(self, record: Record) -> Episode:
        """Read an episode back.

        Raises:
            CheckpointError: its rows are not what was written.
        """
        positions = np.arange(record.start, record.start + record.length)
        data = {key: self.gather(key, positions) for key in self.keys}
        episode = Episode(record.worker, record.number, data, record.scores)
        if checksum(data) != record.checksum:
            hint = "restore the folder from a copy"
            raise CheckpointError(f"{self.folder}: {_name(episode)} is damaged", hint)
        return episode


def checksum(arrays: Arrays) -> int:
    """CRC-32 of contiguous arrays, in the order of their keys."""
    total = 0
    for key in sorted(arrays):
        total = zlib.crc32(arrays[key].data, total)
    return total


def _name(episode: Episode) -> str:
    return f"episode {episode.number} of simulator {episode.worker}"


def _expect_finite(episode: Episode, key: str, array: np.ndarray) -> None:
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return
    row = int(np.argwhere(~np.isfinite(array))[0][0])
    message = f"{_name(episode)}: {key} holds {array[row]} in row {row}"
    raise UsageError(message, "a learner would diverge on it: fix the environment")


def _layout(arrays: Arrays) -> dict[str, TensorSpec]:
    return {key: TensorSpec(array.shape[1:], array.dtype.name) for key, array in arrays.items()}


def _contiguous(value: np.ndarray) -> np.ndarray:
    array = np.asarray(value)
    return np.require(array, dtype=array.dtype.newbyteorder("="), requirements="C")
