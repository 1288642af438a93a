"""Tracker: where metric records and videos go."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wmframe.types import Counters

if TYPE_CHECKING:
    import numpy as np


class Tracker(ABC):
    """Receives what a stage reports.

    Built with its settings, ``folder`` (the stage's) and ``stage`` (its name).
    """

    essential: bool = False
    """Whether a failure stops the run; otherwise the tracker is switched off with a warning."""

    def start(self, counters: Counters, budget: Counters) -> None:
        """The stage begins, or goes on, at ``counters``; records beyond them are void.

        All are where the counters are 0: it begins anew.

        It ends when a counter that ``budget`` sets (is not 0) is reached.
        """

    def tick(self, counters: Counters) -> None:
        """Called once a loop, cheap: how far the stage is now."""

    def note(self, text: str) -> None:
        """Called often, cheap: what goes on while the counters stand still, as an evaluation."""

    @abstractmethod
    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Record plain numbers; names and units are in ``docs/metrics.md``."""

    def video(self, counters: Counters, name: str, frames_THWC: np.ndarray, fps: int = 20) -> None:
        """Record a clip, uint8."""

    def close(self) -> None:
        """Write what is pending."""
