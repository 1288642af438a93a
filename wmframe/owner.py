"""The owner of a lock: a record in the lock's file, renewed while the owner lives."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import attrs

from wmframe.json_files import parse_json
from wmframe.json_scalars import MalformedError

BEAT: Final = 5.0
"""Seconds between two renewals."""

SKEW: Final = 60.0
"""Seconds by which the clocks of two machines may differ."""

LARGEST: Final = 4096
"""Bytes of a record that are read."""


@attrs.frozen
class Owner:
    """A process, and how often it has renewed its record."""

    process: int
    host: str
    since: str
    beats: int = 0

    @classmethod
    def me(cls) -> Self:
        """This process, from now on."""
        return cls(os.getpid(), socket.gethostname(), time.strftime("%Y-%m-%d %H:%M:%S"))

    @classmethod
    def read(cls, descriptor: int) -> Self | None:
        """What a file says; None if it says nothing, or nothing that makes sense."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            return parse_json(os.read(descriptor, LARGEST), cls)
        except (OSError, MalformedError):
            return None

    def write(self, descriptor: int) -> None:
        """Replace what a file says."""
        content = json.dumps(attrs.asdict(self)).encode()
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, content)
        os.ftruncate(descriptor, len(content))

    @property
    def here(self) -> bool:
        """Whether it is a process of this machine."""
        return self.host == socket.gethostname()

    def fresh(self, path: Path) -> bool:
        """Whether its record was renewed recently, by the clocks of disk and machine."""
        try:
            return time.time() - path.stat().st_mtime < SKEW + 2 * BEAT
        except OSError:
            return False

    def __str__(self) -> str:
        return f"process {self.process} on {self.host} (since {self.since})"


@contextmanager
def renewed(descriptor: int, owner: Owner) -> Iterator[None]:
    """Renew the record in an open file for the length of a block, then empty the file."""
    ended = threading.Event()
    thread = threading.Thread(target=_renew, args=(descriptor, owner, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with suppress(OSError):
            os.ftruncate(descriptor, 0)


def _renew(descriptor: int, owner: Owner, ended: threading.Event) -> None:
    while not ended.wait(BEAT):
        owner = attrs.evolve(owner, beats=owner.beats + 1)
        with suppress(OSError):
            owner.write(descriptor)
