"""Meta-World (Yu et al. 2019) as a suite; v3 of the Farama Foundation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import gymnasium

from wmframe.distributions import version_of
from wmframe.interfaces import EnvSuite
from wmframe_metaworld.config import MetaWorldConfig
from wmframe_metaworld.tasks import TASKS


class MetaWorldSuite(EnvSuite):
    """Meta-World with one task chosen.

    An episode is a success if any of its steps was. It never terminates; it is truncated at the
    time limit.
    """

    scores: ClassVar[Mapping[str, str]] = {"success": "max"}

    def __init__(self, config: MetaWorldConfig) -> None:
        self.config = config
        self.action_repeat = config.action_repeat

    def tasks(self) -> Sequence[str]:
        """All 50 tasks."""
        return TASKS

    def make(self, mode: str = "train") -> gymnasium.Env:
        """One environment; training and evaluation do not differ."""
        from wmframe_metaworld.env import MetaWorldEnv

        return MetaWorldEnv(self.config)

    def facts(self) -> dict[str, str]:
        """The render profile and the versions that decide pictures and physics."""
        versions = {name: version_of(name) for name in ("metaworld", "mujoco")}
        return {
            "render": self.config.render,
            "orientation": self.config.orientation,
            **versions,
        }
