"""Signals that end a process: it shuts down cleanly and soon."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

ENDING: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""What a scheduler and the end of a session send."""

SOON: Final = 8.0
"""Seconds after which a process that was asked to end is killed."""


class Interrupted(KeyboardInterrupt):
    """A signal requested the process to end.

    Attributes:
        number: of the signal; SIGINT for Ctrl-C.
        message: what to say.
        hint: how to resume.
    """

    def __init__(
        self, number: int = signal.SIGINT, message: str = "interrupted", hint: str = ""
    ) -> None:
        super().__init__(message)
        self.number, self.message, self.hint = number, message, hint

    @property
    def status(self) -> int:
        """The exit status, as shells have it: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.number

    @classmethod
    def of(cls, error: KeyboardInterrupt) -> Interrupted:
        """The same, whether or not it states its signal."""
        return error if isinstance(error, Interrupted) else cls()


@contextmanager
def interruptible(patience: float | None = None) -> Iterator[None]:
    """Let a scheduler's SIGTERM and the end of a session interrupt as Ctrl-C does.

    Signals that are ignored, as by nohup, stay so. Outside the main thread it does nothing.

    Args:
        patience: seconds after such a signal at which the process is ended wherever it is, as in a
            library that lets no interrupt through; None waits.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    before = {number: known for number, known in before.items() if known is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, _interrupt)
    ended = threading.Event()
    try:
        with _watched(ended, patience):
            yield
    finally:
        for number, known in before.items():
            signal.signal(number, known)


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    raise Interrupted(number)


@contextmanager
def _watched(ended: threading.Event, patience: float | None) -> Iterator[None]:
    """Watch for signals from another thread, which hears of them while this one is busy in C."""
    try:
        ours, theirs = socket.socketpair()
    except OSError:  # no descriptor is left: that is for the block to find out
        patience = None
    if patience is None:
        yield
        return
    theirs.setblocking(False)
    numbers = set(ENDING)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        numbers.add(signal.SIGINT)
    threading.Thread(
        target=_end_late, args=(ours, numbers, ended, patience), daemon=True, name="signals"
    ).start()
    former = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(former)
        theirs.close()  # which ends the thread


def _end_late(
    ours: socket.socket, numbers: set[int], ended: threading.Event, patience: float
) -> None:
    with ours, suppress(OSError):
        while heard := ours.recv(64):
            asked = [number for number in heard if number in numbers]
            if asked and not ended.wait(patience):
                os._exit(128 + asked[0])


def restore_interrupts() -> None:
    """Let SIGINT raise KeyboardInterrupt in this process, whatever it inherited.

    A shell's background jobs ignore the interrupt and Ray's workers block it, and so would their
    children: they could not be stopped cleanly. Call it in the main thread.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
