"""One Gymnasium environment, with the suite's observations."""

from __future__ import annotations

import sys
from typing import Any

import gymnasium
from gymnasium import spaces

from wmframe.envs.observing import STEP, parts
from wmframe.envs.simulator import Frame, Observation, SimulatorEnv, pixels
from wmframe.errors import SimulatorError
from wmframe_gymnasium.build import build
from wmframe_gymnasium.config import GymnasiumConfig
from wmframe_gymnasium.scores import ScoreReader, reductions
from wmframe_gymnasium.sight import MIN_SIDE, Sight, rendered


class GymnasiumEnv(SimulatorEnv):
    """Steps an environment and renders once per decision if needed."""

    def __init__(self, settings: GymnasiumConfig) -> None:
        self._env = build(settings)
        self._size = settings.size
        self._scores = ScoreReader(settings.scores)
        self._observation: Any = None
        self._sight, self._draws = choose_sight(self._env, settings)
        image = {"image": pixels(settings.size)} if self._draws else {}
        super().__init__(
            spaces.Dict({**image, **self._sight.spaces()}),
            self._env.action_space,
            action_repeat=settings.action_repeat,
            time_limit=settings.time_limit or sys.maxsize,
            scores=reductions(settings.scores),
        )

    def begin(self, seed: int) -> None:
        """Reset with ``seed``."""
        self._scores.clear()
        answer = self._env.reset(seed=seed)
        self._observation, _ = parts(answer, "reset()", "observation, info")

    def advance(self, action: Any) -> Frame:
        """One step of the environment."""
        answer = parts(self._env.step(action), "step()", STEP)
        self._observation, reward, terminated, truncated, info = answer
        return Frame(reward, terminated, truncated, {**info, **self._scores.read(info)})

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Repeat ``action`` and observe once; an episode's last info has every score."""
        obs, reward, terminated, truncated, info = super().step(action)
        if terminated or truncated:
            info |= self._scores.missing(info)
        return obs, reward, terminated, truncated, info

    def observe(self) -> Observation:
        """The configured image and vectors."""
        seen = self._sight(self._observation)
        if self._draws:
            seen["image"] = rendered(self._env.render(), self._size)
        return seen

    def close(self) -> None:
        """Close the environment."""
        self._env.close()


def choose_sight(env: gymnasium.Env[Any, Any], settings: GymnasiumConfig) -> tuple[Sight, bool]:
    """The observations of an environment, and whether to render it.

    Raises:
        SimulatorError: it gives nothing of what the settings ask for.
    """
    wanted = settings.pixels
    sight = Sight(
        env.observation_space,
        images=wanted in ("auto", "observation"),
        min_side=1 if wanted == "observation" else MIN_SIDE,
        vectors=settings.vectors or wanted == "none",
        size=settings.size,
    )
    draws = wanted == "render" or (wanted == "auto" and not sight.has_image)
    if draws and env.render_mode != "rgb_array":
        raise _blind(env, 'set pixels = "none" to observe its vectors alone')
    if not draws and not sight.spaces():
        raise _blind(env, 'set pixels = "render"')
    if wanted == "observation" and not sight.has_image:
        raise _blind(env, 'set pixels = "render", or "none" for its vectors alone')
    return sight, draws


def _blind(env: gymnasium.Env[Any, Any], hint: str) -> SimulatorError:
    modes = env.metadata.get("render_modes", []) if env.metadata else []
    seen = f"observes {env.observation_space} and renders {', '.join(modes) or 'nothing'}"
    return SimulatorError(f"what is to be seen is not there: the environment {seen}", hint)
