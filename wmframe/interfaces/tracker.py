"""Tracker: sink of metric records and videos."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wmframe.types import Counters

if TYPE_CHECKING:
    import numpy as np


class Tracker(ABC):
    """Receives the reports of a stage.

    Built with its settings, ``folder`` (the stage's) and ``stage`` (its name).
    """

    essential: bool = False
    """Whether a failure stops the run; otherwise the tracker is disabled with a warning."""

    def start(self, counters: Counters, budget: Counters) -> None:
        """The stage begins or resumes at ``counters``; records beyond them are void.

        With counters of 0 all records are void: the stage starts over.

        It ends when a counter that ``budget`` sets (is not 0) is reached.
        """

    def tick(self, counters: Counters) -> None:
        """Called once per loop, cheap: the current progress."""

    def note(self, text: str) -> None:
        """Called often, cheap: progress during which the counters do not change, such as an
        evaluation.
        """

    @abstractmethod
    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Record plain numbers; names and units are in ``docs/metrics.md``."""

    def video(self, counters: Counters, name: str, frames_THWC: np.ndarray, fps: int = 20) -> None:
        """Record a clip, uint8."""

    def close(self) -> None:
        """Write what is pending."""
