"""Environments of the older gym interface: ``reset()`` gives no info, ``step()`` four values.

Crafter is one. Their spaces may be gym's, or bare tuples with the same fields.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import gymnasium
import numpy as np
from gymnasium import spaces

from wmframe.checks import flag
from wmframe.envs.observing import fitted, parts
from wmframe.errors import SimulatorError

MENDS: Final = {"crafter.env": "wmframe_gymnasium.crafter"}
"""By the module of an environment's class, our module whose ``mend`` makes its episodes repeat."""


class ClassicEnv(gymnasium.Env[Any, Any]):
    """Presents an older environment as Gymnasium's.

    It is seeded through ``reset(seed=)``, ``seed()`` or, where it has neither, by rebuilding it
    with ``seed=`` for every episode.

    Args:
        env: the environment.
        make: what made it.
        kwargs: what it was made with.
        seeded: whether it has to be seeded.

    Raises:
        SimulatorError: it cannot be seeded, though it has to be.
    """

    def __init__(
        self, env: Any, make: Callable[..., Any], kwargs: Mapping[str, Any], *, seeded: bool
    ) -> None:
        self._env, self._make, self._kwargs = env, make, kwargs
        self.observation_space = as_gymnasium(env.observation_space)
        self.action_space = as_gymnasium(env.action_space)
        self.render_mode = "rgb_array" if hasattr(env, "render") else None
        takes_seed = [_takes(env.reset, "seed"), hasattr(env, "seed"), _takes(make, "seed")]
        ways = (self._reset_with, self._seed_then_reset, self._make_anew)
        usable = [way for way, can in zip(ways, takes_seed, strict=True) if can]
        if seeded and not usable:
            hint = "give it a reset(seed=...), or set deterministic = false"
            raise SimulatorError(f"{type(env).__name__} cannot be seeded", hint)
        self._begin = usable[0] if usable else lambda _: self._env.reset()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode from a seed, or from the environment's own next state."""
        made = self._env.reset() if seed is None else self._begin(seed)
        return made if _has_info(made) else (made, {})

    def _reset_with(self, seed: int) -> Any:
        return self._env.reset(seed=seed)

    def _seed_then_reset(self, seed: int) -> Any:
        self._env.seed(seed)
        return self._env.reset()

    def _make_anew(self, seed: int) -> Any:
        self._close()
        self._env = self._make(**{**self._kwargs, "seed": seed})
        if mend := MENDS.get(type(self._env).__module__):
            importlib.import_module(mend).mend(self._env)
        return self._env.reset()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """One step; five values are passed on as they are."""
        answer = self._env.step(action)
        if isinstance(answer, tuple) and len(answer) == 5:
            return answer
        obs, reward, done, info = parts(answer, "step()", "observation, reward, done, info")
        over = fitted("done", flag, done)
        cut = over and was_cut(info)
        return obs, reward, over and not cut, cut, info

    def render(self) -> Any:
        """Its picture."""
        return self._env.render(
            **({"mode": "rgb_array"} if _takes(self._env.render, "mode") else {})
        )

    def close(self) -> None:
        """Close it, if it can be."""
        self._close()

    def _close(self) -> None:
        getattr(self._env, "close", lambda: None)()


def was_cut(info: Mapping[str, Any]) -> bool:
    """Whether an episode's end was only that of its time.

    gym's time limit says so by ``TimeLimit.truncated``, Crafter by a ``discount`` that is not 0.
    """
    return bool(info.get("TimeLimit.truncated", info.get("discount", 0)))


def as_gymnasium(space: Any) -> spaces.Space[Any]:
    """Gymnasium's space for one that has the same fields, such as gym's or Crafter's tuples.

    Raises:
        SimulatorError: its fields are those of no known space.
    """
    if isinstance(space, spaces.Space):
        return space
    if hasattr(space, "spaces"):
        parts = space.spaces
        if isinstance(parts, Mapping):
            return spaces.Dict({key: as_gymnasium(part) for key, part in parts.items()})
        return spaces.Tuple([as_gymnasium(part) for part in parts])
    if hasattr(space, "nvec"):
        return spaces.MultiDiscrete(space.nvec, start=getattr(space, "start", None))
    if hasattr(space, "low"):
        low, high = (np.broadcast_to(bound, space.shape) for bound in (space.low, space.high))
        return spaces.Box(low.astype(space.dtype), high.astype(space.dtype), dtype=space.dtype)
    if hasattr(space, "n"):
        binary = bool(getattr(space, "shape", ()))
        return spaces.MultiBinary(space.n) if binary else _discrete(space)
    hint = "wrap the environment in a gymnasium.Env"
    raise SimulatorError(f"a space of type {type(space).__name__} is not known", hint)


def _discrete(space: Any) -> spaces.Discrete:
    return spaces.Discrete(int(space.n), start=int(getattr(space, "start", 0)))


def _takes(function: Callable[..., Any], argument: str) -> bool:
    return argument in inspect.signature(function).parameters


def _has_info(made: Any) -> bool:
    return isinstance(made, tuple) and len(made) == 2 and isinstance(made[1], dict)
