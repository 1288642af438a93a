"""The index of a replay folder: which complete episodes its rings hold, and where.

It is one JSON file, rewritten at once when an episode is complete. Rows that it does not name do
not count, so an episode that was being written when the process died never existed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import attrs
import numpy as np

from wmframe.errors import CheckpointError
from wmframe.files import write_atomically
from wmframe.json_files import read_json
from wmframe.json_scalars import Natural
from wmframe.types import TensorSpec

FILE = "index.json"
FORMAT = 1


@attrs.frozen
class Record:
    """Where an episode lies and what it is.

    Attributes:
        start: position of its first row, counted from the folder's first row ever, so that no two
            episodes have the same.
        length: its rows, the reset included.
        worker: the simulator that made it.
        number: which of that simulator's episodes it is.
        checksum: CRC-32 of its arrays.
        scores: see :class:`wmframe.types.Episode`.
    """

    start: int
    length: int
    worker: int
    number: int
    checksum: int
    scores: Mapping[str, float] = attrs.field(factory=dict)

    @property
    def identity(self) -> tuple[int, int, int, int]:
        """Equal for episodes that are the same one, wherever they lie."""
        return self.worker, self.number, self.length, self.checksum


FIELDS = tuple(field.name for field in attrs.fields(Record))


NUMBERS = "biuf"
"""Kinds of numpy dtypes that are kept: bool, integers and floats."""

RESTORE = "restore the file from a copy, or delete the replay folder to collect again"


def _this_format(value: int) -> None:
    if value != FORMAT:
        raise ValueError(f"format {value}, this version reads {FORMAT}")


def _these_fields(value: tuple[str, ...]) -> None:
    if value != FIELDS:
        raise ValueError(f"expected {', '.join(FIELDS)}")


@attrs.frozen
class Saved:
    """What the index's file holds; ``episodes`` are rows of ``fields``."""

    format: Annotated[int, _this_format]
    rows: Natural
    head: Natural
    layout: dict[str, tuple[tuple[Natural, ...], str]]
    fields: Annotated[tuple[str, ...], _these_fields]
    episodes: tuple[tuple[Natural, Natural, Natural, Natural, Natural, dict[str, float]], ...]


@attrs.frozen
class Index:
    """What a replay folder holds.

    Attributes:
        rows: physical length of every ring.
        head: position of the next row to be written.
        layout: shape and dtype of a row, by key; empty before the first episode.
        records: the complete episodes, oldest first.
    """

    rows: int
    head: int = 0
    layout: Mapping[str, TensorSpec] = attrs.field(factory=dict)
    records: tuple[Record, ...] = ()

    def save(self, folder: Path) -> None:
        """Replace the folder's index."""
        content = {
            "format": FORMAT,
            "rows": self.rows,
            "head": self.head,
            "layout": {key: [list(spec.shape), spec.dtype] for key, spec in self.layout.items()},
            "fields": list(FIELDS),
            "episodes": [[getattr(record, field) for field in FIELDS] for record in self.records],
        }
        write_atomically(folder / FILE, json.dumps(content))

    @classmethod
    def load(cls, folder: Path) -> Index | None:
        """The folder's index; None if it has none.

        Raises:
            CheckpointError: the file is damaged or of a later format.
        """
        path = folder / FILE
        if not path.exists():
            return None
        saved = read_json(path, Saved, error=CheckpointError, hint=RESTORE, finite=False)
        try:
            layout = {key: row_spec(shape, dtype) for key, (shape, dtype) in saved.layout.items()}
            records = tuple(Record(*values) for values in saved.episodes)
            check_records(records, saved.rows, saved.head)
            if records and "reward" not in layout:
                raise ValueError("layout: there is no reward")
        except ValueError as error:
            raise CheckpointError(f"{path} is damaged: {error}", RESTORE) from error
        return cls(saved.rows, saved.head, layout, records)


def row_spec(shape: tuple[int, ...], dtype: str) -> TensorSpec:
    """The layout of a key's rows, which are numbers.

    Raises:
        ValueError: they are not.
    """
    try:
        found = np.dtype(dtype)
    except (TypeError, SyntaxError) as error:
        raise ValueError(f"layout: there is no dtype {dtype[:40]!r}") from error
    if found.kind not in NUMBERS or found.fields or 0 in shape:
        raise ValueError(f"layout: {found} {shape} are no numbers")
    return TensorSpec(shape, found.name)


def check_records(records: Sequence[Record], rows: int, head: int) -> None:
    """See that episodes lie behind one another in rings of so many rows.

    Raises:
        ValueError: one does not.
    """
    before = max(head - rows, 0)
    for record in records:
        if record.length < 1 or not before <= record.start <= head - record.length:
            where = f"rows {record.start} to {record.start + record.length}"
            raise ValueError(f"an episode is said to have the {where}, others or none are there")
        before = record.start + record.length
