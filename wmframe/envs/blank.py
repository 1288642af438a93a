"""BlankSuite: an environment that takes no time, for benchmarks of everything around simulators.

It can have the spaces of any other benchmark. Simulator workers import this: no torch here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.envs.config import BlankConfig
from wmframe.envs.simulator import pixels, vector
from wmframe.interfaces.suite import EnvSuite
from wmframe.types import ObsSpec

Observation = dict[str, NDArray[Any]]


class BlankSuite(EnvSuite):
    """Observes noise determined by an episode's seed, and accepts any action.

    Args:
        observation_space: a Dict.
        action_space: one that agents can act in.
        action_repeat: frames per decision.
        time_limit: frames per episode.
    """

    def __init__(
        self,
        observation_space: spaces.Dict,
        action_space: spaces.Space[Any],
        *,
        action_repeat: int = 1,
        time_limit: int = 500,
    ) -> None:
        self._spaces = observation_space, action_space
        self.action_repeat = action_repeat
        self._decisions = -(-time_limit // action_repeat)

    @classmethod
    def like(cls, obs: ObsSpec, action: spaces.Space[Any], action_repeat: int = 1) -> Self:
        """A suite with the spaces of simulators that observe ``obs`` and accept ``action``."""
        boxes: dict[str, spaces.Space[Any]] = {
            key: spaces.Box(*_bounds(np.dtype(spec.dtype)), spec.shape, np.dtype(spec.dtype).type)
            for key, spec in obs.items()
        }
        return cls(spaces.Dict(boxes), action, action_repeat=action_repeat)

    def tasks(self) -> Sequence[str]:
        """One, which asks for nothing."""
        return ("blank",)

    def make(self, mode: str = "train") -> gymnasium.Env[Any, Any]:
        """See :class:`~wmframe.interfaces.EnvSuite`."""
        return BlankEnv(*self._spaces, self._decisions)


class BlankEnv(gymnasium.Env[Observation, Any]):
    """Draws its observation once per episode and repeats it for ``decisions`` steps."""

    def __init__(
        self, observation_space: spaces.Dict, action_space: spaces.Space[Any], decisions: int
    ) -> None:
        self.observation_space = observation_space  # type: ignore[assignment]
        self.action_space = action_space
        self._decisions, self._taken = decisions, 0
        self._obs: Observation = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Draw what this episode shows."""
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        self._obs, self._taken = self.observation_space.sample(), 0
        return self._obs, {}

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Show it again."""
        self._taken += 1
        return self._obs, 0.0, False, self._taken >= self._decisions, {}


def blank(config: BlankConfig) -> BlankSuite:
    """The suite of these settings."""
    observed = {"image": pixels(config.size)} if config.size else {}
    if config.vector:
        observed["vector"] = vector(config.vector)
    box = spaces.Box(-1, 1, (config.actions,), np.float32)
    return BlankSuite(
        spaces.Dict(dict(observed)),
        spaces.Discrete(config.actions) if config.discrete else box,
        action_repeat=config.action_repeat,
        time_limit=config.time_limit,
    )


def _bounds(dtype: np.dtype[Any]) -> tuple[float, float]:
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind not in "iu":
        return -np.inf, np.inf
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
