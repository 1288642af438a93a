"""Rows: what N simulators give at one step, in arrays that processes can share."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.errors import SimulatorError
from wmframe.types import ObsSpec, TensorSpec

Arrays = dict[str, NDArray[Any]]

FLAGS = ("is_first", "is_last", "is_terminal")


class Rows(NamedTuple):
    """One row from each of N simulators.

    Attributes:
        data: arrays [N, ...]: what the suite observes, ``action`` float32 [N, A] (the one that led
            here; zeros at a reset), ``reward`` float32 [N], and the bools ``is_first``,
            ``is_last`` and ``is_terminal``.
        scores: the finished episode's scores where ``is_last``, else None.
        episode: int64 [N], the number of the episode each row belongs to.
    """

    data: Arrays
    scores: Sequence[Mapping[str, float] | None]
    episode: NDArray[np.int64]


def observation_specs(space: spaces.Space[Any]) -> ObsSpec:
    """Shapes and dtypes of a Dict observation; float64 becomes float32.

    Raises:
        SimulatorError: it is not a Dict of arrays, or takes a name that rows need.
    """
    if not isinstance(space, spaces.Dict):
        raise SimulatorError(
            f"observations of type {type(space).__name__} are not supported",
            "let the suite's environment observe a gymnasium.spaces.Dict with an 'image'",
        )
    specs = {key: _spec(key, part) for key, part in space.spaces.items()}
    taken = sorted(set(specs) & {"action", "reward", *FLAGS})
    if taken:
        raise SimulatorError(f"observations may not be called {', '.join(taken)}", "rename them")
    return specs


def _spec(key: str, space: spaces.Space[Any]) -> TensorSpec:
    if space.shape is None or space.dtype is None:
        raise SimulatorError(f"observation {key!r} is not an array", "leave it out, or flatten it")
    dtype = np.dtype(np.float32) if space.dtype == np.float64 else space.dtype
    return TensorSpec(tuple(space.shape), dtype.name)


def row_specs(obs: ObsSpec, action_size: int) -> ObsSpec:
    """The specs of a whole row."""
    flags = {name: TensorSpec((), "bool") for name in FLAGS}
    action = TensorSpec((action_size,), "float32")
    return {**obs, "action": action, "reward": TensorSpec((), "float32"), **flags}


def shared_memory() -> int:
    """The descriptor of new anonymous memory, which vanishes with the last process that has it."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("wmframe-rows")
    with tempfile.TemporaryFile() as file:  # has no name either
        return os.dup(file.fileno())


class SharedRows:
    """Arrays [count, ...] in shared memory, which grows to hold them.

    Args:
        specs: what a row holds.
        count: how many rows.
        memory: a descriptor, as :func:`shared_memory` gives it.
    """

    def __init__(self, specs: ObsSpec, count: int, memory: int) -> None:
        self.specs, self.count = specs, count
        sizes = [count * int(np.prod(s.shape)) * np.dtype(s.dtype).itemsize for s in specs.values()]
        starts = np.cumsum([0, *(-(-size // 64) * 64 for size in sizes)])  # cache lines apart
        os.ftruncate(memory, int(starts[-1]))
        block = mmap.mmap(memory, int(starts[-1]))
        self.arrays: Arrays = {
            key: np.ndarray((count, *spec.shape), spec.dtype, block, int(start))
            for (key, spec), start in zip(specs.items(), starts[:-1], strict=True)
        }
