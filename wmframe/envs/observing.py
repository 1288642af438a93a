"""Observations: names and types of a space's arrays, and validation of values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.checks import NUMBERS, Declared, Misfit, describe
from wmframe.envs.rows import FLAGS
from wmframe.errors import SimulatorError
from wmframe.types import ObsSpec, TensorSpec

T = TypeVar("T")

RESERVED: Final = frozenset({"action", "reward", *FLAGS, "discount", "task_reward", "kl"})
"""Names that rows have, and those that learners give to what they make of rows."""

LONGEST: Final = 200
"""Characters that a name may have as a file's, which most disks limit to 255."""

STEP: Final = "observation, reward, terminated, truncated, info"
"""What ``step`` returns."""


def observed(space: spaces.Space[Any]) -> dict[str, Declared]:
    """What rows hold of a Dict observation, by key; floats wider than 32 bits become float32.

    Raises:
        SimulatorError: it is not a Dict of arrays, or a name in it cannot be used.
    """
    if not isinstance(space, spaces.Dict):
        raise SimulatorError(
            f"observations of type {type(space).__name__} are not supported",
            "let the suite's environment observe a gymnasium.spaces.Dict with an 'image'",
        )
    for key in space.spaces:
        _check_name(key)
    return {key: _array(key, part) for key, part in space.spaces.items()}


def observation_specs(space: spaces.Space[Any]) -> ObsSpec:
    """Shapes and dtypes of :func:`observed`."""
    return {k: TensorSpec(d.shape, d.dtype.name) for k, d in observed(space).items()}


def _check_name(key: Any) -> None:
    if not isinstance(key, str):
        raise _unusable(key, f"is of type {type(key).__name__}, no text")
    if key in RESERVED:
        raise _unusable(key, "is a name that rows or learners need")
    if not key.isprintable() or {"", ".", ".."} & {*key.split("/")}:
        raise _unusable(key, "is no name: parts joined by '/', none empty, '.' or '..'")
    if len(quote(key, safe="")) > LONGEST:
        raise _unusable(key, f"is longer than {LONGEST} characters as a file's name")


def _unusable(key: Any, why: str) -> SimulatorError:
    hint = "rename it where the environment is made, or in a wrapper"
    return SimulatorError(f"observation {key!r:.60} {why}", hint)


def _array(key: str, space: spaces.Space[Any]) -> Declared:
    if space.shape is None or space.dtype is None or space.dtype.kind not in NUMBERS:
        hint = "leave it out, or make it an array of numbers"
        raise SimulatorError(f"observation {key!r} is {space}, no array of numbers", hint)
    if 0 in space.shape:
        raise SimulatorError(
            f"observation {key!r} is {space}, which has no entries", "leave it out"
        )
    wide = space.dtype.kind == "f" and space.dtype.itemsize > 4
    return declared(space, np.float32 if wide else space.dtype)


def declared(space: spaces.Space[Any], dtype: Any = None) -> Declared:
    """What a space of arrays says of its values; bounds of integers count, those of floats do not.

    Args:
        space: a Box, Discrete, MultiDiscrete or MultiBinary.
        dtype: that of the fitted values, where it is not the space's.
    """
    shape: tuple[int, ...] = tuple(space.shape or ())
    low: NDArray[Any] | None = None
    high: NDArray[Any] | None = None
    if isinstance(space, spaces.Box) and _is_narrower(space):
        low, high = space.low, space.high
    elif isinstance(space, spaces.Discrete):
        low = np.asarray(int(space.start))
        high = low + int(space.n) - 1
    elif isinstance(space, spaces.MultiDiscrete):
        low = space.start.astype(np.int64)
        high = low + space.nvec.astype(np.int64) - 1
    elif isinstance(space, spaces.MultiBinary):
        low, high = np.zeros(shape, np.int8), np.ones(shape, np.int8)
    return Declared(shape, dtype or space.dtype, low, high)


def _is_narrower(space: spaces.Box) -> bool:
    """Whether an integer Box leaves out values of its dtype."""
    dtype: Any = space.dtype
    if dtype.kind not in "iu":
        return False
    info = np.iinfo(dtype)
    return bool((space.low > info.min).any() or (space.high < info.max).any())


def fitted(name: str, fit: Callable[[Any], T], value: Any) -> T:
    """A value that an environment gave, converted and checked.

    Args:
        name: what it is, for the message.
        fit: such as :meth:`wmframe.checks.Declared.fit` or :func:`wmframe.checks.number`.
        value: what it gave.

    Raises:
        SimulatorError: it is not what was declared.
    """
    try:
        return fit(value)
    except Misfit as misfit:
        raise SimulatorError(f"{name} {misfit}", misfit.hint) from misfit


def parts(answer: Any, call: str, names: str) -> tuple[Any, ...]:
    """What ``reset`` or ``step`` returned, one entry for each of the comma-separated ``names``.

    Raises:
        SimulatorError: there are more or fewer, or the last one, info, is no dict.
    """
    wanted = names.split(", ")
    if not isinstance(answer, tuple | list) or len(answer) != len(wanted):
        count = f"{len(answer)} values" if isinstance(answer, tuple | list) else describe(answer)
        raise SimulatorError(f"{call} gave {count}, not {names}", "follow Gymnasium's interface")
    if not isinstance(answer[-1], Mapping):
        message = f"info from {call} is {describe(answer[-1])}, no dict"
        raise SimulatorError(message, "return a dict, {} if there is nothing to say")
    return tuple(answer)


class RowWriter:
    """Puts what an environment gave into a row, once it is found to be what its space declares.

    Args:
        space: the environment's observation space.

    Raises:
        SimulatorError: see :func:`observed`.
    """

    def __init__(self, space: spaces.Space[Any]) -> None:
        self._declared = observed(space)
        self.specs: ObsSpec = observation_specs(space)

    def write(self, rows: Mapping[str, NDArray[Any]], index: int, obs: Any, **rest: Any) -> None:
        """Fill in row ``index``; ``rest`` is what is no observation, and already checked.

        Raises:
            SimulatorError: an observation is missing, or is not what its space declares.
        """
        if not isinstance(obs, Mapping):
            hint = "return a dict with a value for each key of observation_space"
            raise SimulatorError(f"the observation is {describe(obs)}, no dict", hint)
        for key, wanted in self._declared.items():
            if key not in obs:
                given = ", ".join(map(str, obs)) or "nothing"
                hint = f"it holds {given}; give a value for each key of observation_space"
                raise SimulatorError(f"the observation lacks {key!r}", hint)
            try:
                rows[key][index] = wanted.fit(obs[key])
            except Misfit as misfit:
                raise SimulatorError(f"observation {key!r} {misfit}", misfit.hint) from misfit
        for key, value in rest.items():
            rows[key][index] = value
