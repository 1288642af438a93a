"""Plays one simulator and writes its rows: the part of a vector that runs beside the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.envs.actions import ActionCodec
from wmframe.envs.rows import Arrays, observation_specs
from wmframe.envs.scores import ScoreSheet
from wmframe.envs.simulator import SimulatorEnv
from wmframe.interfaces.suite import EnvSuite
from wmframe.types import ObsSpec


class Begin(NamedTuple):
    """The command to begin an episode.

    Attributes:
        seed: fixes it.
        following: the seed of the episode after it, if nothing happens to the worker.
    """

    seed: int
    following: int


Command = Begin | NDArray[np.float32]
"""Begin an episode, or take an action [A]."""

Scores = dict[str, float] | None


class Stepper:
    """Builds an environment of ``suite`` and steps it.

    Attributes:
        obs: what it observes.
        action_space: how it acts.
    """

    def __init__(self, suite: EnvSuite, mode: str) -> None:
        self._env = suite.make(mode)
        self._sheet = ScoreSheet(suite.scores)
        self.obs: ObsSpec = observation_specs(self._env.observation_space)
        self.action_space: spaces.Space[Any] = self._env.action_space
        self._codec = ActionCodec(self.action_space)

    def play(self, command: Command, rows: Arrays, index: int) -> Scores:
        """Reset or step, and fill in row ``index``.

        Returns:
            the episode's scores if it ended, else None.
        """
        if isinstance(command, Begin):
            return self._begin(command, rows, index)
        return self._step(command, rows, index)

    def _begin(self, command: Begin, rows: Arrays, index: int) -> Scores:
        obs, _ = self._env.reset(seed=command.seed)
        if isinstance(self._env, SimulatorEnv):
            self._env.prepare(command.following)
        self._sheet.clear()
        flags = {"is_first": True, "is_last": False, "is_terminal": False}
        _write(rows, index, {**obs, "action": 0.0, "reward": 0.0, **flags})
        return None

    def _step(self, action: NDArray[np.float32], rows: Arrays, index: int) -> Scores:
        obs, reward, terminated, truncated, info = self._env.step(self._codec.decode(action))
        self._sheet.add(info)
        last = terminated or truncated
        flags = {"is_first": False, "is_last": last, "is_terminal": terminated}
        _write(rows, index, {**obs, "action": action, "reward": reward, **flags})
        return self._sheet.result() if last else None

    def close(self) -> None:
        """Close the environment."""
        self._env.close()


def _write(rows: Arrays, index: int, row: Mapping[str, Any]) -> None:
    for key, array in rows.items():
        array[index] = row[key]
