"""The state of a sweep's cells: one small JSON file each, replaced atomically."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import attrs

from wmframe.errors import DamagedError
from wmframe.files import write_atomically
from wmframe.json_files import read_json
from wmframe.json_scalars import Natural


class Status(StrEnum):
    """State of a cell, in the order of the summary."""

    DONE = "done"
    RUNNING = "running"
    PENDING = "pending"
    FAILED = "failed"


@attrs.frozen
class CellState:
    """The state of a cell.

    Attributes:
        name: the cell's, which is its run's folder too.
        settings: each axis's key with the value that the cell has there.
        status: where it is. ``running`` in a file of a sweep that is gone means interrupted.
        attempts: how many processes were started for it, over all sweeps.
        message: why it failed, or what it waits for.
    """

    name: str
    settings: Mapping[str, str]
    status: Status = Status.PENDING
    attempts: Natural = 0
    message: str = ""

    def __str__(self) -> str:
        """The status with its details."""
        attempt = f" (attempt {self.attempts})" if self.attempts > 1 else ""
        again = " again" if self.status is Status.PENDING and self.attempts else ""
        return f"{self.status}{again}{attempt}" + (f": {self.message}" if self.message else "")

    def write(self, folder: Path) -> None:
        """Replace ``NAME.json`` in a folder.

        Raises:
            WmframeError: the disk is full, or the folder cannot be written.
        """
        write_atomically(folder / f"{self.name}.json", json.dumps(attrs.asdict(self), indent=2))


def read_states(folder: Path) -> dict[str, CellState]:
    """Every cell that the sweep ever had, by name; files that cannot be read count as none.

    The run itself knows how far it is, so that nothing is lost with them.
    """
    states = {}
    for path in sorted(folder.glob("*.json")):
        try:
            states[path.stem] = read_json(path, CellState)
        except DamagedError:
            continue
    return states


def counts(states: Iterable[CellState]) -> str:
    """How many cells have which status, as ``3 done, 1 running``."""
    found = Counter(state.status for state in states)
    return ", ".join(f"{found[status]} {status}" for status in Status if found[status])
