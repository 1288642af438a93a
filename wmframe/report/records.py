"""Reading tracker files: records of a run, and curves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import numpy as np

from wmframe.errors import MissingError
from wmframe.json_files import parse_json
from wmframe.json_forms import checker
from wmframe.json_scalars import MalformedError, Natural
from wmframe.tracking.jsonl import FILE
from wmframe.tracking.names import COUNTERS

Record = Mapping[str, Any]


LONGEST: Final = 2**20
"""Letters of a line."""


def _stage_name(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):  # it becomes a folder's
        raise ValueError(f"{name!r} is no stage's name")


def _time(seconds: float) -> None:
    if not 0 <= seconds < 2**35:  # the year 3058
        raise ValueError(f"{seconds} is no time")


VALUE: Final = checker(int | float | None)
HEAD: Final = {
    "stage": checker(Annotated[str, _stage_name]),
    "time": checker(Annotated[float, _time]),
    "nonfinite": checker(dict[str, str]),
    **{counter.name: checker(Natural) for counter in COUNTERS},
}
"""Keys of a record other than metrics."""


class Curve(NamedTuple):
    """One metric over a counter, both [N] float64, in the order of recording."""

    x: np.ndarray
    y: np.ndarray


def load_metrics(folder: Path) -> list[Record]:
    """Every record of a run's folder (or of one stage's), stage after stage as they ran.

    A damaged line is skipped; of records of the same things at the same counters, as a stage
    that was run again leaves them, the last counts.

    Raises:
        MissingError: there are no metrics in ``folder``.
    """
    files = [path for path in (folder / FILE, *folder.glob(f"*/{FILE}")) if path.is_file()]
    if not files:
        raise MissingError(f"{folder} holds no {FILE}", "give the folder of a run, as runs/NAME")
    stages = [stage for stage in (list(unique(read_lines(path))) for path in files) if stage]
    stages.sort(key=lambda records: records[0]["time"])
    return [record for records in stages for record in records]


def read_lines(path: Path) -> Iterator[Record]:
    """The records of one file."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in iter(lambda: file.readline(LONGEST), ""):
            record = read_record(line)
            if record is not None:
                yield record


def read_record(line: str) -> Record | None:
    """One line's record; None if it is none."""
    try:
        record = {
            name: HEAD.get(name, VALUE)(value)
            for name, value in parse_json(line, dict[str, Any]).items()
        }
    except MalformedError:
        return None
    return record if {"stage", "time"} <= record.keys() else None


def unique(records: Iterable[Record]) -> Iterable[Record]:
    """Of records of the same metrics at the same counters, the last."""
    chosen: dict[Any, Record] = {}
    for record in records:
        place = tuple(record.get(counter.name) for counter in COUNTERS)
        key = (place, frozenset(record.keys() - {"nonfinite"}))
        chosen.pop(key, None)
        chosen[key] = record
    return chosen.values()


def by_stage(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each stage, stages in the order of their first."""
    stages: dict[str, list[Record]] = {}
    for record in records:
        stages.setdefault(record["stage"], []).append(record)
    return stages


def metric_names(records: Iterable[Record], group: str) -> list[str]:
    """Names of the metrics in a group (``train``), in the order they first occur."""
    names = {name: None for record in records for name in record if name.startswith(f"{group}/")}
    return list(names)


def curve(records: Iterable[Record], name: str, axis: str = "env_steps") -> Curve:
    """A metric over a counter; values that were not finite are left out."""
    both = [(record.get(axis), record.get(name)) for record in records]
    points = [(x, y) for x, y in both if x is not None and y is not None]
    x, y = np.array(points, np.float64).reshape(-1, 2).T
    return Curve(x, y)


def last_figures(records: Iterable[Record]) -> dict[str, float]:
    """The last finite value of every metric."""
    figures: dict[str, float] = {}
    for record in records:
        figures |= {
            name: value for name, value in record.items() if "/" in name and value is not None
        }
    return figures
