"""The program of a cell's process: ``wmframe`` with a lock held for as long as it lives."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from wmframe.errors import WmframeError
from wmframe.locks import hold


def main() -> None:
    """Wait for the lock that the first word names, then run the command of the other words."""
    restore_interrupts()
    lock, *words = sys.argv[1:]
    try:
        with hold(Path(lock), wait=True):
            from wmframe.cli import main as wmframe

            wmframe(words)
    except WmframeError as error:  # of the lock
        sys.exit(f"error: {error}")


def restore_interrupts() -> None:
    """Let SIGINT raise KeyboardInterrupt in this process, whatever it inherited.

    A shell's background jobs ignore the interrupt and Ray's workers block it, and so would their
    children: they could not be stopped in good order. Call it in the main thread.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
