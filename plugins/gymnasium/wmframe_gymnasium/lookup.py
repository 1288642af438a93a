"""From an id to the environment's factory, with a hint if there is none."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, load_env_creator

from wmframe.errors import SimulatorError
from wmframe.suggest import close_names, suggest

Creator = Callable[..., Any]


def find(name: str) -> EnvSpec | Creator:
    """The object that ``ID``, ``MODULE:ID`` or ``MODULE:NAME`` stands for.

    Ids are taken exactly: a version left out or outdated is an error, not a guess.

    Raises:
        SimulatorError: the module cannot be imported, or there is no such id in it.
    """
    module, _, word = name.rpartition(":")
    found = load_module(module) if module else None
    if word in gymnasium.registry:
        return gymnasium.registry[word]
    made: Creator | None = getattr(found, word, None)
    if callable(made):
        return made
    raise SimulatorError(f"there is no environment {name!r}", _hint(module, word, found))


def load_module(name: str) -> ModuleType:
    """Import the module that registers or holds an environment.

    Raises:
        SimulatorError: it is not installed, or broken.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        hint = f"python -m pip install the package that has the module {name!r}"
        raise SimulatorError(f"cannot import {name!r}: {error}", hint) from error


def creator(found: EnvSpec | Creator) -> Creator:
    """The class or function behind a found object."""
    if not isinstance(found, EnvSpec):
        return found
    entry: Any = found.entry_point
    made: Creator = load_env_creator(entry) if isinstance(entry, str) else entry
    return made


def _hint(module: str, word: str, found: ModuleType | None) -> str:
    if found is None:
        if close_names(word, gymnasium.registry):
            return suggest(word, gymnasium.registry)
        return f"for an id of another package write MODULE:{word}, the module that registers it"
    prefix = module.partition(".")[0]
    names = [i for i, spec in gymnasium.registry.items() if _root(spec) == prefix]
    classes = [key for key, value in vars(found).items() if isinstance(value, type)]
    return suggest(word, names or classes) or f"{module} registers nothing; name a class in it"


def _root(spec: EnvSpec) -> str:
    entry: Any = spec.entry_point
    module: str = entry if isinstance(entry, str) else getattr(entry, "__module__", "")
    return module.partition(":")[0].partition(".")[0]
