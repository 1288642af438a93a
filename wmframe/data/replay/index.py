"""The index of a replay folder: which complete episodes its rings hold, and where.

It is one JSON file, rewritten at once when an episode is complete. Rows that it does not name do
not count, so an episode that was being written when the process died never existed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from wmframe.errors import CheckpointError
from wmframe.files import write_atomically
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
        try:
            return cls._parse(json.loads(path.read_bytes()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(
                f"{path} is damaged: {error}",
                "restore the file from a copy, or delete the replay folder to collect anew",
            ) from error

    @classmethod
    def _parse(cls, content: Any) -> Index:
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, this version reads {FORMAT}")
        layout = {
            key: TensorSpec(tuple(shape), np.dtype(dtype).name)
            for key, (shape, dtype) in content["layout"].items()
        }
        fields = content["fields"]
        records = tuple(
            Record(**dict(zip(fields, values, strict=True))) for values in content["episodes"]
        )
        return cls(int(content["rows"]), int(content["head"]), layout, records)
