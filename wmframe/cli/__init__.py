"""The ``wmframe`` command. Commands import lazily, so that start-up stays fast."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

DEBUG_VARIABLE = "WMFRAME_DEBUG"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    The exit status is 0; 1 for a failure, 2 for wrong usage, 3 for an invalid recipe, 4 for
    something missing; 130 after Ctrl-C, 143 after SIGTERM. Errors of wmframe, of the system and
    out-of-memory errors are one message on stderr; ``--debug`` anywhere on the line, or the
    environment variable WMFRAME_DEBUG, shows the traceback instead.

    Args:
        arguments: the words after ``wmframe``; those of the process by default.
    """
    try:
        status = answer(arguments)
    except KeyboardInterrupt:  # before a command had begun
        with suppress(OSError, ValueError):
            print("interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)


def answer(arguments: Sequence[str] | None) -> int:
    """Run the command line; its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or bool(os.environ.get(DEBUG_VARIABLE))
    words = [word for word in words if word != "--debug"]
    from wmframe.cli.streams import flush_stdout, mend_streams

    mend_streams()
    try:
        status = call(words)
        flush_stdout()
    except Exception as error:
        return told(error, debug)
    return status


def call(words: Sequence[str]) -> int:
    """Run a command; its exit status."""
    from wmframe.cli.app import build_app

    try:
        build_app(words)(words, prog_name="wmframe")
    except SystemExit as ended:
        if not isinstance(ended.code, int | None):
            raise
        return ended.code or 0
    return 0


def told(error: Exception, debug: bool) -> int:
    """Report an error in one message, if possible; return the exit status.

    Raises:
        Exception: ``error`` itself, where the traceback is wanted or is all there is to tell.
    """
    from wmframe.cli.failure import as_message, show_failure
    from wmframe.cli.streams import flush_stdout

    with suppress(OSError):
        flush_stdout()
    message = as_message(error)
    if debug or message is None:
        raise error
    with suppress(OSError, ValueError):
        show_failure(message)
    return message.exit_code
