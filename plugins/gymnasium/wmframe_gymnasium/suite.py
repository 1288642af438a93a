"""Gymnasium (Towers et al. 2024, arXiv 2407.17032) as a suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium

from wmframe.distributions import owners, version_of
from wmframe.interfaces import EnvSuite
from wmframe_gymnasium.config import GymnasiumConfig
from wmframe_gymnasium.scores import reductions


class GymnasiumSuite(EnvSuite):
    """One environment of Gymnasium, or of a package that follows it or the older gym."""

    def __init__(self, config: GymnasiumConfig) -> None:
        self.config = config
        self.action_repeat = config.action_repeat
        self.deterministic = config.deterministic
        self.scores: Mapping[str, str] = reductions(config.scores)

    def tasks(self) -> Sequence[str]:
        """The chosen id, and every id that Gymnasium knows without importing other packages."""
        return sorted({self.config.id, *gymnasium.registry})

    def make(self, mode: str = "train") -> gymnasium.Env[Any, Any]:
        """One environment; training and evaluation do not differ.

        Raises:
            SimulatorError: there is no such environment, it cannot be built, or it shows nothing
                of what the settings ask for.
        """
        from wmframe_gymnasium.env import GymnasiumEnv

        return GymnasiumEnv(self.config)

    def facts(self) -> dict[str, str]:
        """The environment, and the versions of Gymnasium and of the package it is from."""
        root = self.config.id.rpartition(":")[0].partition(".")[0]
        names = {"gymnasium", *(owners(root) if root else ())}
        return {"id": self.config.id, **{name: version_of(name) for name in sorted(names)}}
