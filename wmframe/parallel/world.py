"""Rank and world size of this process. Light: nothing here imports torch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import attrs

from wmframe.errors import UsageError

VARIABLES: Final = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
"""What ``torchrun`` sets for each process."""


@attrs.frozen
class World:
    """One process among those of a run.

    Attributes:
        rank: its index among all processes, from 0.
        size: the number of processes, the world size (W).
        local: its index among the processes of this machine, which is the index of its GPU.
    """

    rank: int = 0
    size: int = 1
    local: int = 0

    @classmethod
    def launched(cls, environment: Mapping[str, str] = os.environ) -> World:
        """What the launcher's variables say; a single process where it set none."""
        if any(name not in environment for name in VARIABLES):
            return cls()
        return cls(*(int(environment[name]) for name in VARIABLES[:3]))


_ALONE: Final = World()
_current = _ALONE


def world() -> World:
    """The process group that is active now."""
    return _current


def rank() -> int:
    """The rank of this process; 0 in a single-process run."""
    return _current.rank


def size() -> int:
    """The world size (W); 1 in a single-process run."""
    return _current.size


def is_main() -> bool:
    """Whether this process (rank 0) is the one that writes, evaluates and reports."""
    return _current.rank == 0


@contextmanager
def entered(new: World) -> Iterator[None]:
    """Compute as ``new`` says for the length of a block."""
    global _current
    former, _current = _current, new
    try:
        yield
    finally:
        _current = former


def single_process() -> AbstractContextManager[None]:
    """Run a block as a single process (world size 1), whatever the others do."""
    return entered(_ALONE)


def per_rank(count: int, what: str) -> int:
    """``count`` divided by the world size.

    Args:
        count: a setting that the recipe gives for all processes together.
        what: the key of that setting.

    Raises:
        UsageError: ``count`` is no multiple of the world size.
    """
    if count % _current.size:
        raise UsageError(
            f"{what} is {count}, which {_current.size} processes cannot share evenly",
            f"set {what} to a multiple of {_current.size}, or start another number of processes",
        )
    return count // _current.size
