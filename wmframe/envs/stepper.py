"""Steps one simulator and writes its rows: the part of a vector that runs in the worker."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.checks import flag, number
from wmframe.envs.actions import ActionCodec
from wmframe.envs.observing import STEP, RowWriter, fitted, parts
from wmframe.envs.rows import Arrays
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

ENDS = ("terminated", "truncated")


class Stepper:
    """Builds an environment of ``suite`` and steps it.

    Attributes:
        obs: what it observes.
        action_space: how it acts.
    """

    def __init__(self, suite: EnvSuite, mode: str) -> None:
        self._env = suite.make(mode)
        self._sheet = ScoreSheet(suite.scores)
        self._writer = RowWriter(self._env.observation_space)
        self.obs: ObsSpec = self._writer.specs
        self.action_space: spaces.Space[Any] = self._env.action_space
        self._codec = ActionCodec(self.action_space)

    def play(self, command: Command, rows: Arrays, index: int) -> Scores:
        """Reset or step, and fill in row ``index``.

        Returns:
            the episode's scores if it ended, else None.

        Raises:
            SimulatorError: the environment gave something else than it declares; whatever the
                row holds then does not count.
        """
        if isinstance(command, Begin):
            return self._begin(command, rows, index)
        return self._step(command, rows, index)

    def _begin(self, command: Begin, rows: Arrays, index: int) -> Scores:
        answer = self._env.reset(seed=command.seed)
        obs, _ = parts(answer, "reset()", "observation, info")
        if isinstance(self._env, SimulatorEnv):
            self._env.prepare(command.following)
        self._sheet.clear()
        flags = {"is_first": True, "is_last": False, "is_terminal": False}
        self._writer.write(rows, index, obs, action=0.0, reward=0.0, **flags)
        return None

    def _step(self, action: NDArray[np.float32], rows: Arrays, index: int) -> Scores:
        answer = self._env.step(self._codec.decode(action))
        obs, reward, *ends, info = parts(answer, "step()", STEP)
        terminal, cut = (fitted(name, flag, value) for name, value in zip(ENDS, ends, strict=True))
        earned = fitted("the reward", number, reward)
        self._sheet.add(info)
        last = terminal or cut
        flags = {"is_first": False, "is_last": last, "is_terminal": terminal}
        self._writer.write(rows, index, obs, action=action, reward=earned, **flags)
        return self._sheet.result() if last else None

    def close(self) -> None:
        """Close the environment."""
        self._env.close()
