"""NumPy files from untrusted sources: headers are validated against the file before reading."""

from __future__ import annotations

import io
import math
import zipfile
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from wmframe.errors import DamagedError

LARGEST: Final = 2**30
"""Maximum unpacked bytes of one array of an archive."""

NPY: Final[Any] = np.lib.format  # not annotated
HEADERS: Final = {(1, 0): NPY.read_array_header_1_0, (2, 0): NPY.read_array_header_2_0}


def parse_npy(data: bytes) -> np.ndarray:
    """The array of an ``npy`` file's bytes, copied.

    Raises:
        DamagedError: it is no array, or its size differs from its header.
    """
    try:
        return _read(io.BytesIO(data), len(data))
    except Exception as error:
        raise _refused("this is no array", error) from error


def read_npz(path: Path, name: str) -> np.ndarray:
    """One array of an ``npz`` file, without reading the others.

    Raises:
        DamagedError: it is missing, truncated, too large, or differs from its header.
    """
    if not zipfile.is_zipfile(path):
        raise DamagedError("it is no npz file, or its end is missing")
    try:
        with zipfile.ZipFile(path) as archive:
            if f"{name}.npy" not in archive.namelist():
                raise DamagedError(f"it has no {name!r}")
            entry = archive.getinfo(f"{name}.npy")
            if entry.compress_size > path.stat().st_size or entry.file_size > LARGEST:
                raise DamagedError(f"its {name} claims {entry.file_size:,} bytes")
            with archive.open(entry) as member:
                return _read(member, entry.file_size)
    except DamagedError:
        raise
    except Exception as error:
        raise _refused("NumPy cannot read it", error) from error


def _read(file: IO[bytes], size: int) -> np.ndarray:
    """The array of a file of ``size`` bytes; memory is allocated once the header is validated."""
    version = NPY.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"format {version}")
    shape, fortran, dtype = HEADERS[version](file)
    needed = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or min(shape, default=0) < 0 or needed != size - file.tell():
        raise ValueError(f"{dtype} {shape} in {size - file.tell()} bytes")
    flat = np.frombuffer(bytearray(file.read(needed)), dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def _refused(what: str, error: Exception) -> DamagedError:
    """For any exception of zipfile and NumPy, which parses headers as Python: there is no list."""
    return DamagedError(f"{what}: {type(error).__name__} {str(error)[:200]}")
