"""How an error of wmframe looks on the command line."""

from __future__ import annotations

import typer

from wmframe.errors import WmframeError


def show_failure(error: WmframeError) -> None:
    """Print what is wrong and what to do next on stderr, in colour on a terminal."""
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    for line in str(error).splitlines():
        is_hint = line.lstrip().startswith("hint:")
        typer.secho(line, fg="cyan" if is_hint else None, err=True)
