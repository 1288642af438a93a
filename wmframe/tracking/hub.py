"""TrackerHub: one tracker that passes everything on to many, none of which can hurt the run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import attrs

from wmframe.config import Part
from wmframe.interfaces.tracker import Tracker
from wmframe.tracking.jsonl import JsonlTracker
from wmframe.tracking.videos import VideoFiles
from wmframe.types import Counters

if TYPE_CHECKING:
    import numpy as np

Emit = Callable[[Mapping[str, float]], None]
"""Told of every metric record: the counters and the values."""


class TrackerHub(Tracker):
    """Fans out to trackers, each isolated: one that raises is switched off with a warning.

    A tracker that is ``essential`` stops the run instead.

    Args:
        trackers: where everything goes.
        emit: called with every record after the trackers.
    """

    def __init__(self, trackers: Iterable[Tracker], emit: Emit | None = None) -> None:
        self._trackers = list(trackers)
        self._emit = emit

    def rewind(self, counters: Counters) -> None:
        """Forget what was recorded beyond ``counters``; to be called before a stage goes on."""
        self._each(lambda tracker: tracker.rewind(counters))

    def start(self, budget: Counters) -> None:
        """Pass on the stage's budget."""
        self._each(lambda tracker: tracker.start(budget))

    def tick(self, counters: Counters) -> None:
        """Pass on how far the stage is."""
        self._each(lambda tracker: tracker.tick(counters))

    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Record ``values``: numbers, or anything that ``float`` takes."""
        values = {name: float(value) for name, value in values.items()}
        self._each(lambda tracker: tracker.scalars(counters, values))
        if self._emit is not None:
            self._emit({**attrs.asdict(counters), **values})

    def video(self, counters: Counters, name: str, frames_THWC: np.ndarray, fps: int = 20) -> None:
        """Record a clip, uint8."""
        self._each(lambda tracker: tracker.video(counters, name, frames_THWC, fps))

    def close(self) -> None:
        """Close every tracker."""
        self._each(lambda tracker: tracker.close())

    def _each(self, call: Callable[[Tracker], None]) -> None:
        for tracker in tuple(self._trackers):
            try:
                call(tracker)
            except Exception as error:
                if tracker.essential:
                    raise
                self._trackers.remove(tracker)
                self._warn(tracker, error)

    @staticmethod
    def _warn(tracker: Tracker, error: Exception) -> None:
        kind = type(tracker).__name__
        warnings.warn(f"{kind} failed and is switched off: {error!r}", RuntimeWarning, stacklevel=4)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def build_hub(
    parts: Iterable[Part], *, folder: Path, stage: str, emit: Emit | None = None
) -> TrackerHub:
    """Build a stage's trackers.

    What reports are made from is always recorded; the rest is for the recipe to choose.

    Args:
        parts: the recipe's trackers.
        folder: the stage's folder.
        stage: the stage's name.
        emit: see :class:`TrackerHub`.
    """
    chosen: list[Tracker] = [part.build(folder=folder, stage=stage) for part in parts]
    always: list[type[JsonlTracker | VideoFiles]] = [JsonlTracker, VideoFiles]
    missing = [kind for kind in always if not any(isinstance(one, kind) for one in chosen)]
    return TrackerHub([*(kind(folder=folder, stage=stage) for kind in missing), *chosen], emit)
