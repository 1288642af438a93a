"""The DeepMind Control Suite (Tassa et al. 2018, arXiv 1801.00690) as a suite."""

from __future__ import annotations

from collections.abc import Sequence

import gymnasium

from wmframe.distributions import version_of
from wmframe.interfaces import EnvSuite
from wmframe_dmc.config import DmcConfig
from wmframe_dmc.tasks import TASKS


class DmcSuite(EnvSuite):
    """The Control Suite with one task chosen."""

    def __init__(self, config: DmcConfig) -> None:
        self.config = config
        self.action_repeat = config.action_repeat

    def tasks(self) -> Sequence[str]:
        """All 51 tasks."""
        return TASKS

    def make(self, mode: str = "train") -> gymnasium.Env:
        """One environment; training and evaluation do not differ."""
        from wmframe_dmc.env import DmcEnv

        return DmcEnv(self.config)

    def facts(self) -> dict[str, str]:
        """The render profile and the versions that decide pictures and physics."""
        return {
            "render": self.config.render,
            **{name: version_of(name) for name in ("dm_control", "mujoco")},
        }
