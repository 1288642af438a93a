"""Ring: the rows of one key in one file, written by position and read through a memory map.

The file is made sparse, so a ring takes the disk that its rows take and no memory until they are
read. It is written with ``pwrite`` rather than through the map: a full disk is then an error and
not a bus error, and written rows do not count as resident memory. POSIX only.
"""

from __future__ import annotations

import math
import mmap
import os
from pathlib import Path
from urllib.parse import quote

import numpy as np

from wmframe.data.replay.index import RESTORE
from wmframe.errors import CheckpointError
from wmframe.files import disk_errors
from wmframe.types import TensorSpec

RESIDENT_BYTES = 1 << 28
"""Bytes written before their pages are released to the system's cache."""


class Ring:
    """Rows of one key; row ``position`` lies at ``position`` modulo the number of rows.

    Args:
        folder: where the file is.
        key: names the file.
        spec: shape and dtype of a row.
        rows: how many the file holds.
        create: make the file, or lengthen it; otherwise it must be as it was left.

    Raises:
        CheckpointError: the file is missing or too short.
    """

    def __init__(self, folder: Path, key: str, spec: TensorSpec, rows: int, create: bool) -> None:
        self.path = folder / f"{quote(key, safe='')}.ring"
        self.rows = rows
        self._row_bytes = math.prod(spec.shape) * np.dtype(spec.dtype).itemsize
        self._prepare(rows * self._row_bytes, create)
        try:
            with self.path.open("rb") as file:
                size = rows * self._row_bytes
                self._map = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        except (OSError, ValueError, OverflowError) as error:
            raise CheckpointError(f"{self.path} cannot be mapped: {error}", RESTORE) from error
        self._data = np.frombuffer(self._map, spec.dtype).reshape(rows, *spec.shape)
        self._touched = 0

    def _prepare(self, needed: int, create: bool) -> None:
        try:
            length = self.path.stat().st_size if self.path.is_file() else 0
        except OSError as error:  # a name that is too long
            raise CheckpointError(f"{self.path} cannot be read: {error}", RESTORE) from error
        if length >= needed:
            return
        if not create:
            raise CheckpointError(
                f"{self.path} is damaged: {length} bytes instead of {needed}",
                RESTORE,
            )
        with disk_errors(self.path), self.path.open("ab") as file:
            file.truncate(needed)

    def write(self, position: int, values: np.ndarray) -> None:
        """Write successive rows from ``position`` on; when this returns they are on the disk.

        Raises:
            WmframeError: the disk is full or failing.
        """
        start = position % self.rows
        parts = ((start, values[: self.rows - start]), (0, values[self.rows - start :]))
        with disk_errors(self.path), self.path.open("r+b", buffering=0) as file:
            for row, part in parts:
                _write_all(file.fileno(), part, row * self._row_bytes)
            os.fsync(file.fileno())

    def gather(self, positions: np.ndarray) -> np.ndarray:
        """The rows at ``positions`` [..], copied: [.., *shape]."""
        values: np.ndarray = self._data[positions % self.rows]
        self._touched += values.nbytes
        if self._touched > RESIDENT_BYTES:
            self._map.madvise(mmap.MADV_DONTNEED)  # they stay in the page cache
            self._touched = 0
        return values


def _write_all(descriptor: int, values: np.ndarray, offset: int) -> None:
    data = values.reshape(-1).view(np.uint8).data
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written
