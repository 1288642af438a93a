"""Which of how many processes this one is. Light: nothing here imports torch."""

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
        rank: its number, from 0 on.
        size: how many there are (W).
        local: its number among those on this machine, which is that of its GPU.
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
    """The processes that compute together here and now."""
    return _current


def rank() -> int:
    """The number of this process; 0 for a process alone."""
    return _current.rank


def size() -> int:
    """How many processes compute together (W); 1 for a process alone."""
    return _current.size


def is_main() -> bool:
    """Whether this process is the one that writes, judges and reports."""
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


def alone() -> AbstractContextManager[None]:
    """Compute by oneself for the length of a block, whatever the others do."""
    return entered(_ALONE)


def divided(count: int, what: str) -> int:
    """The part of ``count`` that falls to each process.

    Args:
        count: of something that the recipe sets for all processes together.
        what: the key of that setting.

    Raises:
        UsageError: it cannot be divided evenly.
    """
    if count % _current.size:
        raise UsageError(
            f"{what} is {count}, which {_current.size} processes cannot share evenly",
            f"set {what} to a multiple of {_current.size}, or start another number of processes",
        )
    return count // _current.size
