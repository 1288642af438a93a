"""TrackerHub: passes a stage's reports to every tracker, none of which can harm the run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from wmframe.interfaces.tracker import Tracker
from wmframe.tracking.jsonl import JsonlTracker
from wmframe.tracking.videos import VideoFiles
from wmframe.types import Counters

if TYPE_CHECKING:
    import numpy as np

ALWAYS: tuple[type[JsonlTracker | VideoFiles], ...] = (JsonlTracker, VideoFiles)
"""Trackers that reports are made from, always enabled."""


class TrackerHub:
    """Fans out to trackers, each isolated: one that raises is disabled with a warning.

    A tracker that is ``essential`` stops the run instead.

    Args:
        trackers: the recipe's; the always-on ones are added where they are missing.
        folder: the stage's folder.
        stage: the stage's name.
        emit: told of every record as ``emit("metrics", stage=..., record=...)``, the record being
            the counters and the values.
        always: whether the always-on trackers are added.
    """

    def __init__(
        self,
        trackers: Iterable[Tracker] = (),
        *,
        folder: Path,
        stage: str,
        emit: Callable[..., Any] | None = None,
        always: bool = True,
    ) -> None:
        chosen = list(trackers)
        wanted = ALWAYS if always else ()
        missing = [kind for kind in wanted if not any(isinstance(one, kind) for one in chosen)]
        self._trackers = [*(kind(folder=folder, stage=stage) for kind in missing), *chosen]
        self._stage = stage
        self._emit = emit

    def start(self, counters: Counters, budget: Counters | None = None) -> None:
        """The stage begins or resumes at ``counters``; records beyond them are dropped.

        Args:
            counters: where the stage is.
            budget: where it ends: when a counter that is not 0 is reached.
        """
        limits = budget or Counters()
        self._each(lambda tracker: tracker.start(counters, limits))

    def tick(self, counters: Counters) -> None:
        """The current progress; cheap enough for every turn of a loop."""
        self._each(lambda tracker: tracker.tick(counters))

    def note(self, text: str) -> None:
        """Progress with unchanged counters; cheap enough for every turn of a loop."""
        self._each(lambda tracker: tracker.note(text))

    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Record ``values``: numbers, or anything that ``float`` takes.

        Raises:
            WmframeError: the metrics file cannot be written.
        """
        values = {name: float(value) for name, value in values.items()}
        self._each(lambda tracker: tracker.scalars(counters, values))
        if self._emit is not None:
            record = {**attrs.asdict(counters), **values}
            self._emit("metrics", stage=self._stage, record=record)

    def video(
        self, counters: Counters, name: str, frames_THWC: np.ndarray | None, fps: int = 20
    ) -> None:
        """Record a clip, uint8, if there is one."""
        if frames_THWC is None:
            return
        self._each(lambda tracker: tracker.video(counters, name, frames_THWC, fps))

    def close(self) -> None:
        """Write what is pending."""
        self._each(lambda tracker: tracker.close())

    def _each(self, call: Callable[[Tracker], None]) -> None:
        for tracker in tuple(self._trackers):
            try:
                call(tracker)
            except Exception as error:
                if tracker.essential:
                    raise
                self._trackers.remove(tracker)
                warn_off(tracker, error)


def warn_off(tracker: Tracker, error: Exception) -> None:
    """Warn which tracker is disabled, and why."""
    kind = type(tracker).__name__
    warnings.warn(f"{kind} failed and is disabled: {error!r}", RuntimeWarning, stacklevel=4)
