"""Builds the environment of the settings, able to render if needed."""

from __future__ import annotations

import inspect
import os
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec

from wmframe.envs import gl
from wmframe.errors import SimulatorError, WmframeError
from wmframe_gymnasium.classic import ClassicEnv
from wmframe_gymnasium.config import GymnasiumConfig
from wmframe_gymnasium.lookup import Creator, creator, find, load_module


def build(settings: GymnasiumConfig) -> gymnasium.Env[Any, Any]:
    """Create the environment and apply its wrappers.

    Raises:
        SimulatorError: there is none of that name, or it cannot be made.
    """
    gl.configure()
    _go_without_display()
    try:
        env = _make(find(settings.id), settings)
        for name in settings.wrappers:
            env = _wrapper(name)(env)
    except WmframeError:
        raise
    except Exception as error:
        hint = "correct kwargs or wrappers, or install what the message asks for"
        raise SimulatorError(f"{settings.id} cannot be built: {error}", hint) from error
    return env


def _go_without_display() -> None:
    """Make pygame render into memory; it would look for a screen and a sound card."""
    for name in ("SDL_VIDEODRIVER", "SDL_AUDIODRIVER"):
        os.environ.setdefault(name, "dummy")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")


def _make(found: EnvSpec | Creator, settings: GymnasiumConfig) -> gymnasium.Env[Any, Any]:
    kwargs = dict(settings.kwargs)
    if settings.pixels != "none" and _draws(creator(found)):
        kwargs.setdefault("render_mode", "rgb_array")
    if isinstance(found, EnvSpec):
        limit = None if settings.time_limit is None else -1  # the suite's own takes its place
        return gymnasium.make(found, limit, disable_env_checker=True, **kwargs)
    env = found(**kwargs)
    if isinstance(env, gymnasium.Env):
        return env
    return ClassicEnv(env, found, kwargs, seeded=settings.deterministic)


def _draws(made: Creator) -> bool:
    """Whether it can render RGB arrays, by its metadata or its arguments."""
    metadata = getattr(made, "metadata", None)
    if isinstance(metadata, dict):
        return "rgb_array" in metadata.get("render_modes", ())
    return "render_mode" in inspect.signature(made).parameters


def _wrapper(name: str) -> Creator:
    module, _, word = name.partition(":")
    made: Creator | None = getattr(load_module(module), word, None)
    if made is None:
        raise SimulatorError(f"there is no wrapper {name!r}", "write MODULE:NAME of its class")
    return made
