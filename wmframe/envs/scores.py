"""Reduces a benchmark's step scores to one figure per episode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from wmframe.checks import number
from wmframe.envs.observing import fitted
from wmframe.errors import SimulatorError

REDUCTIONS: Final[dict[str, Callable[[list[float]], float]]] = {
    "max": max,
    "sum": sum,
    "mean": lambda values: float(np.mean(values)),
    "last": lambda values: values[-1],
}


class ScoreSheet:
    """Collects the scored keys of step infos.

    Args:
        rules: the reduction of each key, as :attr:`wmframe.interfaces.EnvSuite.scores` has it.

    Raises:
        SimulatorError: a reduction is not one of ``max``, ``sum``, ``mean`` and ``last``.
    """

    def __init__(self, rules: Mapping[str, str]) -> None:
        for key, how in rules.items():
            if how not in REDUCTIONS:
                hint = f"use one of {', '.join(REDUCTIONS)} in the suite's scores"
                raise SimulatorError(f"score {key!r} has an unknown reduction {how!r}", hint)
        self._rules = rules
        self._values: dict[str, list[float]] = {key: [] for key in rules}

    def clear(self) -> None:
        """Reset."""
        for values in self._values.values():
            values.clear()

    def add(self, info: Mapping[str, Any]) -> None:
        """Note the scored keys of one step; None says nothing.

        Raises:
            SimulatorError: a score is no finite number.
        """
        for key, values in self._values.items():
            if (value := info.get(key)) is not None:
                values.append(fitted(f"info[{key!r}], a score,", number, value))

    def result(self) -> dict[str, float]:
        """The reduced figures of the keys that were seen."""
        return {k: float(REDUCTIONS[self._rules[k]](v)) for k, v in self._values.items() if v}
