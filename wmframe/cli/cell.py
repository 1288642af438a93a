"""The program of a sweep's cell: ``wmframe`` holding a lock while it runs."""

from __future__ import annotations

import sys
from pathlib import Path

from wmframe.cli import main as wmframe
from wmframe.errors import WmframeError
from wmframe.locks import hold
from wmframe.signals import restore_interrupts


def main() -> None:
    """Wait for the lock in the first argument, then run the command in the others."""
    restore_interrupts()
    lock, *words = sys.argv[1:]
    try:
        with hold(Path(lock), wait=True):
            wmframe(words)
    except WmframeError as error:  # of the lock
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
