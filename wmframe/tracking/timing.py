"""Stopwatch: which share of the time goes to simulators, to data, to the learner."""

from __future__ import annotations

from collections import defaultdict
from time import perf_counter
from types import TracebackType


class Stopwatch:
    """Measures sections of a loop; they must not nest. One section costs about a microsecond.

    On a GPU, kernels run after the call that launched them: the share of the learner is then the
    time its calls block, which is the whole truth only once the queue of launches is full.

    Example::

        watch = Stopwatch()
        with watch.section("simulator"):
            rows = simulators.receive()
        watch.shares()  # {"simulator": 0.8, "other": 0.2}
    """

    def __init__(self) -> None:
        self._sections: dict[str, _Section] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._since = perf_counter()

    def section(self, name: str) -> _Section:
        """A context manager whose time counts for ``name``."""
        if name not in self._sections:
            self._sections[name] = _Section(name, self._seconds)
        return self._sections[name]

    def elapsed(self) -> float:
        """Seconds since the last reset."""
        return perf_counter() - self._since

    def shares(self) -> dict[str, float]:
        """Shares of the time since the last reset by section; ``other`` is the rest."""
        elapsed = max(self.elapsed(), 1e-9)
        shares = {name: spent / elapsed for name, spent in self._seconds.items()}
        return {**shares, "other": max(0.0, 1.0 - sum(shares.values()))}

    def reset(self) -> None:
        """Forget what was measured so far."""
        self._seconds.clear()
        self._since = perf_counter()


class _Section:
    def __init__(self, name: str, seconds: defaultdict[str, float]) -> None:
        self._name = name
        self._seconds = seconds
        self._entered = 0.0

    def __enter__(self) -> None:
        self._entered = perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._seconds[self._name] += perf_counter() - self._entered
