"""Replay: episodes in, windows out, on disk, resumable to the exact next window.

Some episodes are *live*: the newest ones that fit the capacity, out of which windows are drawn.
The rings are longer than that, so that what a checkpoint refers to survives what is collected
after it. When a run resumes from a checkpoint, exactly the episodes that were live then are live
again; later ones wait on the disk, and one that the resumed run brings about again is recognised
and becomes live without being written twice.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from wmframe.data.replay.index import Record
from wmframe.data.replay.sampler import SequenceSampler
from wmframe.data.replay.store import EpisodeStore
from wmframe.errors import CheckpointError, UsageError
from wmframe.types import Episode


def rows_on_disk(capacity: int) -> int:
    """How many rows a replay's folder holds when it is full, unless ``slack`` is given."""
    return capacity + capacity // 4 + 1024


class Replay:
    """Experience on disk. One thread of one process may use a folder at a time.

    Args:
        folder: made if it is not there; otherwise every complete episode in it is live, up to the
            capacity.
        capacity: agent steps that are live; the oldest episode leaves first.
        min_length: the shortest sequence drawn; shorter episodes are kept but not drawn.
        max_length: the longest sequence drawn.
        prioritize_ends: draw the end of an episode more often, see
            :class:`~wmframe.data.replay.sampler.SequenceSampler`.
        seed: fixes what is drawn.
        slack: rows on disk beyond the capacity, for what is collected between two checkpoints and
            for the reset rows; by default a quarter of the capacity.

    Raises:
        UsageError: the lengths make no sense.
        CheckpointError: a file in the folder is damaged.
    """

    def __init__(
        self,
        folder: Path,
        *,
        capacity: int = 1_000_000,
        min_length: int = 50,
        max_length: int = 50,
        prioritize_ends: bool = True,
        seed: int = 0,
        slack: int | None = None,
    ) -> None:
        if not 1 <= min_length <= max_length:
            raise UsageError(
                f"replay.min_length is {min_length}, replay.max_length {max_length}",
                "make min_length at least 1 and max_length no less than min_length",
            )
        rows = rows_on_disk(capacity) if slack is None else capacity + slack
        self.capacity = capacity
        self._store = EpisodeStore(Path(folder), rows)
        generator = np.random.Generator(np.random.Philox(seed))
        self._sampler = SequenceSampler(min_length, max_length, prioritize_ends, generator)
        self._waiting: dict[tuple[int, int, int, int], Record] = {}
        self._set_live(self._store.index.records)

    @property
    def steps(self) -> int:
        """Live agent steps: rows without the resets."""
        return sum(record.length - 1 for record in self._live)

    @property
    def episodes(self) -> int:
        """Live episodes."""
        return len(self._live)

    @property
    def ready(self) -> bool:
        """Whether an episode is long enough to draw from."""
        return len(self._starts_E) > 0

    def add(self, episode: Episode) -> None:
        """Keep a finished episode; when this returns it is safe on the disk.

        Raises:
            UsageError: its arrays do not fit each other, the capacity or the episodes before it.
            WmframeError: the disk is full.
        """
        arrays = self._store.conform(episode)
        record = self._store.describe(episode, arrays)
        waiting = self._waiting.pop(record.identity, None)
        if waiting is None or waiting.start < self._store.tail:
            self._store.append(record, arrays)
        else:
            record = waiting
        self._set_live((*self._live, record))

    def _set_live(self, records: Iterable[Record]) -> None:
        live = [record for record in records if record.start >= self._store.tail]
        surplus = sum(record.length - 1 for record in live) - self.capacity
        oldest = 0
        while surplus > 0 and oldest < len(live) - 1:
            surplus -= live[oldest].length - 1
            oldest += 1
        self._live = tuple(live[oldest:])
        bounds = [(r.start, r.length) for r in self._live if r.length >= self._sampler.min_length]
        self._starts_E, self._lengths_E = np.array(bounds, np.int64).reshape(-1, 2).T

    def sample(self, batch: int, length: int) -> dict[str, np.ndarray]:
        """Draw a batch of chunks.

        Args:
            batch: number of chunks B.
            length: rows a chunk L. A chunk is one sequence where ``min_length``, ``max_length`` and
                ``length`` are equal, otherwise successive sequences or parts of them.

        Returns:
            arrays [B, L, ...] by key, as they were added; ``is_first`` is true where a sequence
            begins, so at least in the first row of each chunk.

        Raises:
            UsageError: no episode is long enough.
            CheckpointError: a row holds what is no finite number, as older versions let in.
        """
        if not self.ready:
            raise UsageError(
                f"no episode in {self._store.folder} has {self._sampler.min_length} rows",
                "lower replay.min_length, or collect longer episodes first",
            )
        rows, begins = self._sampler.rows(self._starts_E, self._lengths_E, batch * length)
        rows_BL = rows.reshape(batch, length)
        is_first_BL = begins.reshape(batch, length)
        is_first_BL[:, 0] = True
        keys = (key for key in self._store.keys if key != "is_first")
        return {"is_first": is_first_BL, **{k: self._store.gather_finite(k, rows_BL) for k in keys}}

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps: which episodes are live, in order, and what is drawn next."""
        return {
            "starts": np.array([record.start for record in self._live], np.int64),
            "checksums": np.array([record.checksum for record in self._live], np.int64),
            "sampler": self._sampler.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Resume from :meth:`state`, on the same folder.

        Episodes that are overwritten since are left out with a warning.

        Raises:
            CheckpointError: the folder holds other episodes than those of the checkpoint.
        """
        held = {record.start: record for record in self._store.index.records}
        wanted = list(zip(state["starts"].tolist(), state["checksums"].tolist(), strict=True))
        present = [(start, crc) for start, crc in wanted if start >= self._store.tail]
        live = [held[s] for s, crc in present if s in held and held[s].checksum == crc]
        if len(live) < len(present):
            raise CheckpointError(
                f"{self._store.folder} lacks {len(present) - len(live)} of the checkpoint's "
                f"{len(wanted)} episodes",
                "put the replay folder that belongs to the checkpoint back",
            )
        if len(present) < len(wanted):
            lost = len(wanted) - len(present)
            warnings.warn(
                f"{lost} episodes of the checkpoint are overwritten since; save more often",
                stacklevel=2,
            )
        self.set_aside()
        self._set_live(live)
        for record in self._live:
            self._waiting.pop(record.identity, None)
        self._sampler.restore(state["sampler"])

    def begin_with(self, episodes: Iterable[Episode], seed: int) -> None:
        """Make these episodes live and no others, for a run that resumes from other folders.

        Args:
            episodes: oldest first; those that are on the disk already are not written again.
            seed: fixes what is drawn from here on.

        Raises:
            UsageError: see :meth:`add`.
            WmframeError: the disk is full.
        """
        self.set_aside()
        for episode in episodes:
            self.add(episode)
        self._sampler.begin(np.random.Generator(np.random.Philox(seed)))

    def set_aside(self) -> None:
        """Make nothing live, for a run that starts over.

        Episodes stay on disk; one that is collected again is recognised.
        """
        self._waiting = {record.identity: record for record in self._store.index.records}
        self._set_live(())
