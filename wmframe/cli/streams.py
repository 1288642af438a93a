"""Standard streams that are always writable."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


def mend_streams() -> None:
    """Replace closed streams by the null device, and make every character writable.

    A closed stream's descriptor would be reused by the next opened file. Characters that the
    encoding lacks, and invalid ones in file names, are written as escapes.
    """
    for name, stream in (("stdin", sys.stdin), ("stdout", sys.stdout), ("stderr", sys.stderr)):
        if stream is None:
            setattr(sys, name, null(name == "stdin"))
        elif name != "stdin" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def null(reads: bool) -> TextIO:
    """The null device, open until the process ends."""
    return os.fdopen(
        os.open(os.devnull, os.O_RDONLY if reads else os.O_WRONLY), "r" if reads else "w"
    )


def flush_stdout() -> None:
    """Flush buffered output, so that interpreter shutdown cannot fail on it.

    Raises:
        OSError: it cannot be written.
    """
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        discard_stdout()
        if isinstance(error, OSError):
            raise


def discard_stdout() -> None:
    """Discard buffered and further output."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
