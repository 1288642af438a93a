"""Progress: how fast a stage is, and how long it still takes."""

from __future__ import annotations

from collections import deque
from time import monotonic

import attrs

from wmframe.types import Counters


class Progress:
    """Rates over a sliding window, and what they mean for the budget.

    Args:
        budget: a counter that is 0 does not limit the stage.
        window: seconds that rates look back.
    """

    def __init__(self, budget: Counters, window: float = 60.0) -> None:
        self._budget = attrs.asdict(budget)
        self._window = window
        self._marks: deque[tuple[float, Counters]] = deque()

    def mark(self, counters: Counters, now: float | None = None) -> None:
        """Note the counters at ``now`` (seconds, monotonic)."""
        now = monotonic() if now is None else now
        self._marks.append((now, counters))
        while len(self._marks) > 2 and now - self._marks[1][0] >= self._window:
            self._marks.popleft()

    def rate(self, counter: str) -> float:
        """How many of ``counter`` a second; 0 before two marks."""
        if len(self._marks) < 2:
            return 0.0
        (start, before), (end, now) = self._marks[0], self._marks[-1]
        gained: int = getattr(now, counter) - getattr(before, counter)
        return gained / max(end - start, 1e-9)

    def fraction(self) -> float:
        """Part of the budget that is used up, 0..1; of the counter that is furthest."""
        if not self._marks:
            return 0.0
        now = self._marks[-1][1]
        limits = {name: limit for name, limit in self._budget.items() if limit}
        return min(1.0, max((getattr(now, name) / limits[name] for name in limits), default=0.0))

    def seconds_left(self) -> float | None:
        """Until the first counter reaches its budget at the present rate; None when unknown."""
        if not self._marks:
            return None
        now = self._marks[-1][1]
        rates = {name: self.rate(name) for name, limit in self._budget.items() if limit}
        times = [
            max(0, self._budget[name] - getattr(now, name)) / rate
            for name, rate in rates.items()
            if rate > 0
        ]
        return min(times, default=None)
