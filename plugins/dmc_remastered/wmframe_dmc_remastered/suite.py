"""DMC Remastered (Grigsby and Qi 2020, arXiv 2010.06740) as a suite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium

from wmframe.distributions import version_of
from wmframe.interfaces import EnvSuite
from wmframe_dmc_remastered.config import DmcRemasteredConfig
from wmframe_dmc_remastered.tasks import TASKS
from wmframe_dmc_remastered.textures import choose


class DmcRemasteredSuite(EnvSuite):
    """DMC Remastered with one task chosen."""

    def __init__(self, config: DmcRemasteredConfig) -> None:
        self.config = config
        self.action_repeat = config.action_repeat

    def tasks(self) -> Sequence[str]:
        """All 22 tasks."""
        return TASKS

    def make(self, mode: str = "train") -> gymnasium.Env[Any, Any]:
        """One environment, with ``train_seeds`` for ``train`` and ``test_seeds`` for ``eval``."""
        from wmframe_dmc_remastered.env import DmcRemasteredEnv

        config = self.config
        seeds = config.test_seeds if mode == "eval" else config.train_seeds
        return DmcRemasteredEnv(config, seeds)

    def facts(self) -> dict[str, str]:
        """The render profile, which textures, and the versions that decide pictures and physics."""
        versions = {name: version_of(name) for name in ("dm_control", "mujoco")}
        return {
            "render": self.config.render,
            **choose(self.config.assets).facts(),
            **versions,
        }
