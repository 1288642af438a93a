"""Drawing a batch while the host waits for the device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

Sample = Mapping[str, np.ndarray]
"""A batch on the host, [B, T, ...] by key."""


class Ahead:
    """Draws batches, if told so in a thread before they are asked for.

    What is drawn, and from what, is the same either way if nothing that ``draw`` looks at changes
    between :meth:`begin` and :meth:`take`, and if no checkpoint is written there.

    Args:
        draw: gives the next batch.
        threaded: whether :meth:`begin` begins; else :meth:`take` draws.
    """

    def __init__(self, draw: Callable[[], Sample], threaded: bool) -> None:
        self._draw = draw
        self._threads = ThreadPoolExecutor(1, "batches") if threaded else None
        self._drawn: Future[Sample] | None = None

    def begin(self) -> None:
        """Begin to draw the next batch; nothing while one is drawn already."""
        if self._threads is not None and self._drawn is None:
            self._drawn = self._threads.submit(self._draw)

    def take(self) -> Sample:
        """The next batch."""
        if self._drawn is None:
            return self._draw()
        drawn, self._drawn = self._drawn, None
        return drawn.result()
