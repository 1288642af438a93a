"""Rows: the values of N simulators at one step, in arrays shared between processes."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
