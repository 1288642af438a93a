"""A base class for suites with images: action repeat, time limit and seeding."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.checks import flag, number
from wmframe.envs.observing import fitted
from wmframe.envs.scores import ScoreSheet

Observation = dict[str, NDArray[Any]]


class Frame(NamedTuple):
    """The result of one simulator frame, without its image."""

    reward: float
    terminated: bool = False
    truncated: bool = False
    info: Mapping[str, Any] = {}


def pixels(size: int) -> spaces.Box:
    """The space of a picture, uint8 [size, size, 3]."""
    return spaces.Box(0, 255, (size, size, 3), np.uint8)


def vector(length: int) -> spaces.Box:
    """The space of an unbounded float32 vector."""
    return spaces.Box(-np.inf, np.inf, (length,), np.float32)


class SimulatorEnv(gymnasium.Env[Observation, Any], ABC):
    """Steps several simulator frames per decision and renders once, after the last.

    A suite fills in :meth:`begin`, :meth:`advance` and :meth:`observe`, and calls this constructor
    when it knows its spaces.

    Args:
        observation_space: a Dict with ``image``.
        action_space: the simulator's own actions.
        action_repeat: frames a decision; rewards add up, and an episode's end cuts them short.
        time_limit: frames an episode, after which it is truncated.
        scores: info keys to reduce over the frames of a decision, as the suite does over decisions.
    """

    def __init__(
        self,
        observation_space: spaces.Dict,
        action_space: spaces.Space[Any],
        *,
        action_repeat: int,
        time_limit: int,
        scores: Mapping[str, str],
    ) -> None:
        self.observation_space = cast("spaces.Space[Observation]", observation_space)
        self.action_space = action_space
        self._repeat = action_repeat
        self._limit = time_limit
        self._sheet = ScoreSheet(scores)
        self._frames = 0

    @abstractmethod
    def begin(self, seed: int) -> None:
        """Start an episode in which ``seed`` (below 2**31) fixes everything random."""

    @abstractmethod
    def advance(self, action: Any) -> Frame:
        """Simulate one frame."""

    @abstractmethod
    def observe(self) -> Observation:
        """Draw the picture, and gather whatever else the suite observes."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode; without a seed, the next one of the stream that the last seed began."""
        super().reset(seed=seed, options=options)
        self._frames = 0
        self.begin(int(self.np_random.integers(2**31)))
        return self.observe(), {}

    def prepare(self, seed: int) -> None:
        """Told at a reset that ``reset(seed=seed)`` will probably come next.

        A suite that takes long over a reset may begin with it here, in a thread; most do nothing.
        """

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Repeat ``action`` and observe once."""
        self._sheet.clear()
        total = 0.0
        for _ in range(self._repeat):
            frame = self.advance(action)
            self._frames += 1
            self._sheet.add(frame.info)
            total += fitted("the reward", number, frame.reward)
            terminated = fitted("terminated", flag, frame.terminated)
            truncated = fitted("truncated", flag, frame.truncated) or self._frames >= self._limit
            if terminated or truncated:
                break
        info = {**frame.info, **self._sheet.result()}
        return self.observe(), total, terminated, truncated, info
