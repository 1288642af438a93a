"""Batch prefetch: the next batch is sampled while the device computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

Sample = Mapping[str, np.ndarray]
"""A batch on the host, [B, T, ...] by key."""


class Prefetcher:
    """Samples batches, optionally in a background thread.

    Both modes return the same batches as long as nothing that ``draw`` reads changes between
    :meth:`begin` and :meth:`take`, and no checkpoint is written in between.

    Args:
        draw: returns the next batch.
        threaded: sample in a thread from :meth:`begin` on; otherwise :meth:`take` samples.
    """

    def __init__(self, draw: Callable[[], Sample], threaded: bool) -> None:
        self._draw = draw
        self._threads = ThreadPoolExecutor(1, "batches") if threaded else None
        self._drawn: Future[Sample] | None = None

    def begin(self) -> None:
        """Start sampling the next batch, unless one is already being sampled."""
        if self._threads is not None and self._drawn is None:
            self._drawn = self._threads.submit(self._draw)

    def take(self) -> Sample:
        """The next batch."""
        if self._drawn is None:
            return self._draw()
        drawn, self._drawn = self._drawn, None
        return drawn.result()
