"""Redirect to stderr what plugins print: stdout belongs to the command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send to stderr what is printed for the length of a block, by other programs and C, too."""
    with redirect_stdout(sys.stderr), descriptor_to_stderr():
        yield


@contextmanager
def descriptor_to_stderr() -> Iterator[None]:
    """Let stdout's descriptor be stderr's for the length of a block; not where one is closed."""
    try:
        saved = os.dup(1)
    except OSError:
        yield
        return
    try:
        flush()
        with suppress(OSError):
            os.dup2(2, 1)
        yield
    finally:
        flush()
        os.dup2(saved, 1)
        os.close(saved)


def flush() -> None:
    """Write what Python's own stdout has buffered to where its descriptor points now."""
    with suppress(AttributeError, OSError, ValueError):  # there is none, or it is closed or full
        sys.__stdout__.flush()  # type: ignore[union-attr]
