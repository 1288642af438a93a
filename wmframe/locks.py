"""Folder locks: one process owns a folder, until it ends in any way.

On one machine the system's lock (flock, or its equivalent on Windows) decides. On shared disks such
locks may be local to each machine or missing, so the owner also writes a record into the file and
renews it every few seconds: another machine's record is valid until it stops changing.
"""

from __future__ import annotations

import errno
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from wmframe.errors import UsageError, WmframeError
from wmframe.files import disk_errors
from wmframe.owner import BEAT, Owner, renewed

WATCH: Final = 4 * BEAT
"""Seconds without a renewal after which an owner on another machine counts as dead."""

POLL: Final = 0.1
"""Seconds between two attempts of a process that waits."""

BYTE: Final = 1 << 30
"""Offset that is locked on Windows: far behind the record, which others have to read."""

HELD_HINT: Final = (
    "wait for it, interrupt it, or choose another --name; evaluate, report and imagine may be used "
    "meanwhile"
)


class Held:
    """A lock that this process holds."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor

    def check(self) -> None:
        """Check that the file still exists: a removed folder may belong to another run by now.

        Raises:
            WmframeError: it is not.
        """
        try:
            there = os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except OSError:
            there = False
        if not there:
            message = f"{self._path.parent} was removed or renamed while it was in use"
            raise WmframeError(message, "run the command again to start over, or to resume there")


@contextmanager
def hold(path: Path, *, wait: bool = False) -> Iterator[Held]:
    """Hold the lock of a file, which is created if needed.

    Args:
        path: the file; who holds it is written into it.
        wait: for another process to let go of it.

    Raises:
        UsageError: another process holds it, and waiting was not asked for.
        WmframeError: the file cannot be opened or written.
    """
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not _acquire(path, descriptor):
            who = holder(path)
            if who is not None and not wait:
                raise UsageError(f"{who} works in {path.parent} already", HELD_HINT)
            time.sleep(POLL)
        owner = Owner.me()
        with disk_errors(path):
            owner.write(descriptor)
        with renewed(descriptor, owner):
            yield Held(path, descriptor)
    finally:
        os.close(descriptor)


def holder(path: Path) -> str | None:
    """The process that holds a lock at this moment, in words; None if there is none."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        free = _try(descriptor)
        owner = Owner.read(descriptor)
        if free is False or (owner is not None and _may_live(owner, free) and owner.fresh(path)):
            return str(owner or "another process")
        return None
    finally:
        os.close(descriptor)


def _acquire(path: Path, descriptor: int) -> bool:
    free = _try(descriptor)
    owner = Owner.read(descriptor)
    if free is False:
        return False
    return owner is None or not _may_live(owner, free) or not _watch(path, owner)


def _may_live(owner: Owner, free: bool | None) -> bool:
    """Whether a lock that is free leaves open that its last owner is at work."""
    return free is None or not owner.here


def _watch(path: Path, owner: Owner) -> bool:
    """Whether the owner of a record gives a sign of life within a while."""
    warnings.warn(
        f"{owner} has worked in {path.parent}; waiting {WATCH:.0f} s for a sign of life of it",
        stacklevel=2,
    )
    end = time.monotonic() + WATCH
    while time.monotonic() < end:
        time.sleep(POLL)
        descriptor = os.open(path, os.O_RDONLY)  # opened each time, so that shared disks look again
        try:
            if Owner.read(descriptor) != owner:
                return True
        finally:
            os.close(descriptor)
    return False


def _try(descriptor: int) -> bool | None:
    """Take the system's lock: whether that went well, None where the disk has no locks."""
    try:
        _system_lock(descriptor)
    except OSError as error:
        busy = error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
        return False if busy else None
    return True


def _system_lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
