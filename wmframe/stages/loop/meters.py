"""Accumulates a loop's metrics on the device and reads them once per record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from wmframe.errors import DIVERGED_HINT, DivergedError
from wmframe.interfaces.context import Hub
from wmframe.parallel.collectives import mean
from wmframe.tracking.timing import Stopwatch
from wmframe.types import Counters, Metrics


class Meters:
    """Means of a learner's metrics, rates and shares of time between two records.

    Metrics are over all processes, time shares are those of process 0.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._stopwatch = Stopwatch()
        self._sums: dict[str, Tensor] = {}
        self._count = 0
        self._last: Counters | None = None

    def watch(self, section: str) -> AbstractContextManager[object]:
        """Time a block for ``section``: simulator, data or learner."""
        return self._stopwatch.section(section)

    def add(self, metrics: Metrics) -> None:
        """Add one update's metrics without reading them."""
        for name, value in metrics.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value.clone()
        self._count += 1

    def flush(self, counters: Counters, also: Mapping[str, float]) -> dict[str, float]:
        """Send one record to the trackers and reset.

        Raises:
            DivergedError: a learner's metric is not a finite number.
        """
        figures = {**self._means(), **self._rates(counters), **also}
        self._hub.scalars(counters, figures)
        self._check(figures)
        self._sums, self._count, self._last = {}, 0, counters
        self._stopwatch.reset()
        return figures

    def sums(self) -> dict[str, Tensor]:
        """The metrics' sums since the last record, on their device."""
        return {f"train/{name}": value for name, value in self._sums.items()}

    def state(self) -> dict[str, Any]:
        """Sums since the last record, so that a resumed run's next record equals the uninterrupted
        run's.
        """
        return {"sums": dict(self._sums), "count": self._count}

    def restore(self, state: Mapping[str, Any], device: str) -> None:
        """Resume from :meth:`state`."""
        self._sums = {name: value.to(device) for name, value in state["sums"].items()}
        self._count = state["count"]

    def _means(self) -> dict[str, float]:
        if not self._sums:
            return {}
        sums = torch.stack([value.float() for value in self._sums.values()])
        means = mean(sums / self._count).tolist()
        return {f"train/{name}": value for name, value in zip(self._sums, means, strict=True)}

    def _rates(self, counters: Counters) -> dict[str, float]:
        seconds = max(self._stopwatch.elapsed(), 1e-9)
        last = self._last or counters
        shares = {f"time/share_{name}": share for name, share in self._stopwatch.shares().items()}
        frames = (counters.env_steps - last.env_steps) / seconds
        simulated = {"rate/env_steps": frames} if counters.env_steps else {}
        return {**simulated, "rate/updates": self._count / seconds, **shares}

    @staticmethod
    def _check(figures: Mapping[str, float]) -> None:
        bad = [n for n, v in figures.items() if n.startswith("train/") and not math.isfinite(v)]
        if bad:
            raise DivergedError(
                f"the learner diverged: {', '.join(bad)} is not a finite number", DIVERGED_HINT
            )


def averaged(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge the states of several processes into one by averaging."""
    names = states[0]["sums"]
    sums = {n: torch.stack([state["sums"][n] for state in states]).mean(0) for n in names}
    return {"sums": sums, "count": states[0]["count"]}
