"""Standard streams that a command can write to, whatever the shell made of them."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


def mend_streams() -> None:
    """Put the null device in the place of streams that are closed; let every character be written.

    A closed stream's descriptor would go to the next file that is opened. What the terminal's
    encoding lacks, or what is no character in a file's name, is written as an escape.
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
    """Write what is left; afterwards nothing is, so that the interpreter's end finds no fault.

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
    """Let what is written from here on, and what is left, go nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
