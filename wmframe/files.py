"""Files that are there whole or not at all, whenever the process or the machine dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from wmframe.errors import WmframeError

ASSETS_VARIABLE: Final = "WMFRAME_ASSETS"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write beside ``path``, flush to the disk, then rename: readers see the old file or the new.

    Raises:
        WmframeError: the disk is full, or the folder cannot be written.
    """
    beside = path.with_name(path.name + ".tmp")
    with disk_errors(path):
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        sync(beside)
        beside.replace(path)
        sync(path.parent)


def assets_folder(name: str) -> Path:
    """Where ``wmframe assets NAME`` keeps files, there or not.

    It is ``NAME`` in ``$WMFRAME_ASSETS``, or else in ``wmframe`` below ``$XDG_DATA_HOME``.
    """
    chosen = os.environ.get(ASSETS_VARIABLE)
    if chosen:
        return Path(chosen) / name
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "wmframe" / name


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn the system's errors while ``path`` is written into one that says what to do."""
    try:
        yield
    except OSError as error:
        message = f"{path} could not be written: {error.strerror or error}"
        raise WmframeError(message, "free some disk space, or check the permissions") from error
