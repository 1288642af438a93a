"""Atomic writes: files are complete or absent, whenever the process or the machine dies."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from wmframe.errors import WmframeError

ASSETS_VARIABLE: Final = "WMFRAME_ASSETS"

DISK_HINT: Final = "free some disk space, or check the permissions"
FULL_HINT: Final = "free some disk space, then run the same command again"
RIGHTS_HINT: Final = "choose a folder that you may write to, or check the permissions"
GONE_HINT: Final = "its folder is not there: removed, renamed, or never made"

HINTS: Final = {
    errno.ENOSPC: FULL_HINT,
    errno.EDQUOT: FULL_HINT,
    errno.EFBIG: "choose a disk, or a limit (ulimit -f), that allows files of this size",
    errno.EACCES: RIGHTS_HINT,
    errno.EPERM: RIGHTS_HINT,
    errno.EROFS: RIGHTS_HINT,
    errno.ENOENT: GONE_HINT,
    errno.ESTALE: GONE_HINT,
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "the machine has too many files open; close some programs",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOTDIR: "a part of the path is a file; choose another place",
    errno.EEXIST: "there is a file of that name; choose another place",
}
"""Hints for errors of the system, by errno."""


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a temporary file, flush it to disk, then rename: readers see the old file or the new.

    Raises:
        WmframeError: the disk is full, or the folder cannot be written.
    """
    beside = path.with_name(path.name + ".tmp")
    with disk_errors(path):
        try:
            beside.write_bytes(content.encode() if isinstance(content, str) else content)
            sync(beside)
            beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        sync(path.parent)


def assets_folder(name: str) -> Path:
    """The folder of ``wmframe assets NAME``, existing or not.

    It is ``NAME`` in ``$WMFRAME_ASSETS``, or else in ``wmframe`` below ``$XDG_DATA_HOME``.
    """
    chosen = os.environ.get(ASSETS_VARIABLE)
    if chosen:
        return Path(chosen) / name
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "wmframe" / name


def sync(path: Path) -> None:
    """Flush a file's content, or a folder's list of names, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Convert the system's errors while ``path`` is written into one with a hint."""
    try:
        yield
    except OSError as error:
        message = f"{path} could not be written: {error.strerror or error}"
        raise WmframeError(message, HINTS.get(error.errno or 0, DISK_HINT)) from error
