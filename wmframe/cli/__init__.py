"""The ``wmframe`` command. Each command imports what it needs, so that start-up stays quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

DEBUG_VARIABLE = "WMFRAME_DEBUG"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    The status is 0; 1 for a failure, 2 for wrong usage, 3 for a wrong recipe, 4 for something
    missing; 130 when interrupted. An error of wmframe is one message on stderr; ``--debug``
    anywhere on the line, or the environment variable WMFRAME_DEBUG, adds the traceback.

    Args:
        arguments: the words after ``wmframe``; those of the process by default.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or bool(os.environ.get(DEBUG_VARIABLE))
    words = [word for word in words if word != "--debug"]
    if arguments is None and words[:1] in (["run"], ["bench"]):
        from wmframe.training.host import begin_again

        begin_again()  # first, for what was imported would be imported again
    from wmframe.cli.app import build_app
    from wmframe.errors import WmframeError

    try:
        build_app(words)(words, prog_name="wmframe")
    except WmframeError as error:
        if debug:
            raise
        from wmframe.cli.failure import show_failure

        show_failure(error)
        sys.exit(error.exit_code)
    sys.exit(0)
