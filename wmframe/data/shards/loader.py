"""ClipLoader: an endless sequence of batches, prefetched by threads.

Reading and decoding release the GIL, so threads are enough: they start at once, share open files
and end with the process. There are no epochs, so there is no stall at the end of one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import numpy as np

from wmframe.data.shards.sampler import ClipSampler
from wmframe.data.shards.shard_set import ShardSet
from wmframe.errors import DamagedError, UsageError

AHEAD: Final = 2
"""Prefetched batches per worker."""

ATTEMPTS: Final = 100
"""Damaged clips that may be skipped for one row of a batch."""

ClipBatch = dict[str, np.ndarray]
"""``image`` uint8 [B, T, S, S, 3] and ``is_first`` float32 [B, T], 1 at t = 0."""


class ClipLoader(Iterator[ClipBatch]):
    """Batches of windows; batch n is the same for any number of workers and ranks.

    Args:
        sets: the datasets; all frames have the same size.
        batch: clips of a batch B, over all ranks.
        length: frames of a clip T.
        seed: of the sequence.
        start: number of the first batch, to resume a sequence.
        workers: prefetching threads; with 0 a batch is read when it is requested.
        rank: which part of every batch to give.
        world: how many parts there are.
        weights: relative probability of each set; None for equal ones.

    Raises:
        UsageError: the sets do not go together or have no clip of that length, or the batch cannot
            be divided among the ranks.
    """

    def __init__(
        self,
        sets: Sequence[ShardSet],
        *,
        batch: int,
        length: int,
        seed: int,
        start: int = 0,
        workers: int = 0,
        rank: int = 0,
        world: int = 1,
        weights: Sequence[float] | None = None,
    ) -> None:
        if batch % world:
            message = f"a batch of {batch} clips cannot be divided among {world} ranks"
            raise UsageError(message, "choose a multiple")
        self._sets = tuple(sets)
        self._sampler = ClipSampler(sets, weights, length, seed)
        self._size = common_size(sets)
        self._batch, self._share = batch, batch // world
        self._offset = rank * self._share
        self._next = self.position = start
        self._threads = ThreadPoolExecutor(workers, "clips") if workers else None
        self._ahead: deque[Future[ClipBatch]] = deque()
        self._depth = workers * AHEAD
        self.damaged: dict[str, int] = {}
        """Number of skipped damaged clips, by reason."""

    def __next__(self) -> ClipBatch:
        if self._threads is None:
            batch = self._read(self.position)
        else:
            while len(self._ahead) <= self._depth:
                self._ahead.append(self._threads.submit(self._read, self._next))
                self._next += 1
            batch = self._ahead.popleft().result()
        self.position += 1
        return batch

    def close(self) -> None:
        """Stop prefetching."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def __enter__(self) -> ClipLoader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, number: int) -> ClipBatch:
        """This rank's part of batch ``number``."""
        first, length = number * self._batch + self._offset, self._sampler.length
        image_BTHWC = np.empty((self._share, length, self._size, self._size, 3), np.uint8)
        draws = self._sampler.draw(first, self._share)
        for row, (which, clip, start) in enumerate(zip(*draws, strict=True)):
            try:
                self._sets[which].read_into(image_BTHWC[row], clip, start)
            except DamagedError as error:
                self._replace(image_BTHWC[row], first + row, which, error)
        is_first_BT = np.zeros((self._share, length), np.float32)
        is_first_BT[:, 0] = 1
        return {"image": image_BTHWC, "is_first": is_first_BT}

    def _replace(self, out_THWC: np.ndarray, draw: int, which: int, error: DamagedError) -> None:
        """Replace a damaged clip by another sample, if its set allows that."""
        for attempt in range(1, ATTEMPTS):
            if self._sets[which].damaged != "skip":
                raise error
            self.damaged[error.message] = self.damaged.get(error.message, 0) + 1
            (which,), (clip,), (start,) = self._sampler.draw(draw, 1, attempt)
            try:
                return self._sets[which].read_into(out_THWC, clip, start)
            except DamagedError as another:
                error = another
        raise error


def common_size(sets: Sequence[ShardSet]) -> int:
    """Height and width of the frames of all sets.

    Raises:
        UsageError: they differ, or there are no sets.
    """
    sizes = {one.size: one for one in sets}
    if len(sizes) == 1:
        return next(iter(sizes))
    found = ", ".join(f"{one.folder} of {size}" for size, one in sizes.items()) or "none"
    raise UsageError(f"the frames of a batch are of one size; given were {found}", "pack again")
