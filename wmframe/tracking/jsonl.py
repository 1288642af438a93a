"""JsonlTracker: ``metrics.jsonl``, one JSON object per line; the source of reports.

A record holds ``stage``, ``time`` (seconds since 1970), the counters, and the values by name. A
value that is not finite is written as null and named in ``nonfinite``.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import attrs

from wmframe.files import disk_errors
from wmframe.interfaces.tracker import Tracker
from wmframe.json_files import parse_json
from wmframe.json_scalars import MalformedError
from wmframe.types import Counters

FILE: Final = "metrics.jsonl"


class JsonlTracker(Tracker):
    """Appends each record at once, so that a killed run loses at most the line being written.

    Args:
        folder: the stage's folder, made if it is not there.
        stage: the stage's name, written to each record.
    """

    essential = True

    def __init__(self, *, folder: Path, stage: str) -> None:
        self._stage = stage
        self._path = folder / FILE
        with disk_errors(self._path):
            folder.mkdir(parents=True, exist_ok=True)
            drop_torn_line(self._path)
            self._file = self._path.open("a", buffering=1, encoding="utf-8")

    def start(self, counters: Counters, budget: Counters) -> None:
        """Drop the first record beyond ``counters`` and all later ones.

        A stage that starts over, with all counters 0, has no valid record.
        """
        end = end_of_records(self._path, counters) if counters != Counters() else 0
        if end is not None:
            self._file.truncate(end)

    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Append one record.

        Raises:
            WmframeError: the file cannot be written.
        """
        head = {"stage": self._stage, "time": round(time.time(), 6), **attrs.asdict(counters)}
        line = json.dumps({**head, **_jsonable(values)}, allow_nan=False) + "\n"
        with disk_errors(self._path):
            self._file.write(line)

    def close(self) -> None:
        """Close the file."""
        with disk_errors(self._path):
            self._file.close()


def _jsonable(values: Mapping[str, float]) -> dict[str, Any]:
    odd = {name: str(value) for name, value in values.items() if not math.isfinite(value)}
    finite = {name: None if name in odd else value for name, value in values.items()}
    return {**finite, "nonfinite": odd} if odd else finite


def drop_torn_line(path: Path) -> None:
    """Truncate after the last line end: drop the line that a kill interrupted."""
    if not path.exists():
        return
    content = path.read_bytes()
    end = content.rfind(b"\n") + 1
    if end < len(content):
        with path.open("r+b") as file:
            file.truncate(end)


def end_of_records(path: Path, counters: Counters) -> int | None:
    """Byte where the first record beyond ``counters`` starts; None when there is none.

    Lines that are no record are skipped: counters only grow within a file.
    """
    limits = attrs.asdict(counters)
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if _beyond(line, limits):
                return offset
            offset += len(line)
    return None


@attrs.frozen
class Place:
    """The counters of a record."""

    OPEN: ClassVar = True

    env_steps: int
    agent_steps: int
    updates: int
    episodes: int


def _beyond(line: bytes, limits: Mapping[str, int]) -> bool:
    try:
        record = parse_json(line, Place)
    except MalformedError:
        return False
    return any(getattr(record, name) > limit for name, limit in limits.items())
