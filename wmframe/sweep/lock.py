"""Locks that end with the process that holds them, however it dies.

A cell's process holds its cell's lock, so a sweep that is killed leaves the cell locked for as long
as that process lives, and no longer.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wmframe.errors import UsageError, WmframeError


@contextmanager
def hold(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock of a file (flock), which is made if it has to be.

    Args:
        path: the file; who holds it is written into it.
        wait: for another process to let go of it.

    Raises:
        UsageError: another process holds it, and waiting was not asked for.
        WmframeError: the file cannot be opened, or its file system has no locks.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _broken(path, error) from error
    try:
        _lock(descriptor, path, wait)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def holder(path: Path) -> str | None:
    """The process that holds a lock at this moment, in words; None if there is none."""
    if not path.exists():
        return None
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read() or "another process"
    return None


def _lock(descriptor: int, path: Path, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError as error:
        message = f"{holder(path) or 'another process'} works in {path.parent} already"
        raise UsageError(message, "wait for it, interrupt it, or choose another --name") from error
    except OSError as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: OSError) -> WmframeError:
    message = f"{path} could not be locked: {error.strerror}"
    return WmframeError(message, "put the sweep where you may write and lock files (--sweeps)")
