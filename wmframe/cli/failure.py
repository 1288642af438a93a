"""Error messages of the command line."""

from __future__ import annotations

import errno
from contextlib import suppress

import typer

from wmframe.errors import WmframeError, printable
from wmframe.files import HINTS
from wmframe.recipe.scalars import shortened
from wmframe.signals import Interrupted

DEBUG_HINT = "--debug shows where"
MEMORY = "can't allocate memory", "out of memory", "array is too big", "not enough memory"
"""Torch's words for out-of-memory errors, which have many types."""


def as_message(error: BaseException) -> WmframeError | None:
    """An error of wmframe or of the system as a WmframeError; None for others."""
    if isinstance(error, WmframeError):
        return error
    if isinstance(error, OSError):
        return WmframeError(of_system(error), HINTS.get(error.errno or 0, DEBUG_HINT))
    if isinstance(error, UnicodeEncodeError):
        text = f"{shortened(ascii(error.object))} is not valid Unicode"
        return WmframeError(text, "use names and values that are text in UTF-8")
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in MEMORY)
    ):
        said = str(error).strip().splitlines()
        text = f"there is not enough memory: {said[0] if said else 'an allocation failed'}"
        return WmframeError(text, f"make networks, batches or pictures smaller; {DEBUG_HINT}")
    return None


def of_system(error: OSError) -> str:
    """The system's message, with the file that it is about."""
    what = error.strerror or str(error) or type(error).__name__
    if error.errno == errno.ENOENT and error.filename is None:  # of os.getcwd
        what = "a folder is gone, perhaps the working directory"
    names = [name for name in (error.filename, error.filename2) if name is not None]
    return f"{what}: {shortened(' -> '.join(map(str, names)), 200)}" if names else what


def show_interrupt(error: KeyboardInterrupt) -> int:
    """Print what an interrupt left behind and how to resume on stderr; return the exit status."""
    said = Interrupted.of(error)
    with suppress(OSError, ValueError):
        typer.echo(said.message, err=True)
        if said.hint:
            typer.secho(f"  hint: {said.hint}", fg="cyan", err=True)
    return said.status


def show_failure(error: WmframeError) -> None:
    """Print an error and its hint on stderr, in colour on a terminal."""
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    for line in str(error).split("\n"):
        is_hint = line.lstrip().startswith("hint:")
        typer.secho(printable(line), fg="cyan" if is_hint else None, err=True)
