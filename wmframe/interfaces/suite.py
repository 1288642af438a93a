"""EnvSuite: a benchmark, as a factory of Gymnasium environments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium


class EnvSuite(ABC):
    """One benchmark with one task. It is pickled to workers, so it holds only settings.

    Environments observe a dict: ``image`` uint8 [H, W, C] if the benchmark has images, and any
    other keys, each value of the dtype and the shape that its space declares. They act in a space
    that :class:`wmframe.envs.actions.ActionCodec` translates, and repeat each action
    ``action_repeat`` times. ``reset(seed=s)`` must determine everything random in the episode.
    """

    action_repeat: int = 1
    """Simulator frames per decision."""

    scores: Mapping[str, str] = {}
    """Keys of the step ``info`` that score an episode, each with the reduction over its steps:
    ``max``, ``sum``, ``mean`` or ``last``. ``{"success": "max"}`` counts an episode that ever
    succeeded.
    """

    deterministic: bool = True
    """Whether the same seed and actions give the same episode, so that a resumed run can replay
    the episode it was in."""

    @abstractmethod
    def tasks(self) -> Sequence[str]:
        """Every task of the benchmark, for ``wmframe describe``."""

    @abstractmethod
    def make(self, mode: str = "train") -> gymnasium.Env[Any, Any]:
        """Build one environment; ``mode`` is ``train`` or ``eval`` for benchmarks that distinguish
        them.
        """

    def facts(self) -> dict[str, str]:
        """Facts about this benchmark for the run's lock: render profile, assets, versions."""
        return {}
