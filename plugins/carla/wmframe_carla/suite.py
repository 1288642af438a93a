"""CARLA (Dosovitskiy et al. 2017, arXiv 1711.03938) as a suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import gymnasium

from wmframe.distributions import version_of
from wmframe.interfaces import EnvSuite
from wmframe_carla.config import CarlaConfig
from wmframe_carla.tasks import SCORES, TASKS


class CarlaSuite(EnvSuite):
    """The highway in one weather.

    A server does not repeat an episode exactly: the physics engine and the traffic manager keep
    time by threads of their own.
    """

    deterministic = False
    scores: Mapping[str, str] = SCORES

    def __init__(self, config: CarlaConfig) -> None:
        self.config = config
        self.action_repeat = config.action_repeat

    def tasks(self) -> Sequence[str]:
        """Every fixed weather, and the one that changes."""
        return TASKS

    def make(self, mode: str = "train") -> gymnasium.Env:
        """One environment, which takes a training or an evaluation server at its first reset."""
        from wmframe_carla.env import CarlaEnv

        return CarlaEnv(self.config, evaluation=mode == "eval")

    def facts(self) -> dict[str, str]:
        """The version of the client, and where lanes are read from."""
        lanes = str(self.config.map_file or "the server's map")
        return {"carla": version_of("carla"), "lanes": lanes}
