"""The program of a process of a sweep: ``wmframe`` with a lock held for as long as it lives."""

from __future__ import annotations

import sys
from pathlib import Path

from wmframe.cli import main as wmframe
from wmframe.errors import WmframeError
from wmframe.locks import hold
from wmframe.signals import restore_interrupts


def main() -> None:
    """Wait for the lock that the first word names, then run the command of the other words."""
    restore_interrupts()
    lock, *words = sys.argv[1:]
    try:
        with hold(Path(lock), wait=True):
            wmframe(words)
    except WmframeError as error:  # of the lock
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
