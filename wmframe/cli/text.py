"""Plain columns, which stay intact in a pipe and need no import."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import typer

from wmframe.errors import printable


def echo_columns(rows: Iterable[Sequence[str]], indent: int = 0) -> None:
    """Print rows with their columns aligned; the last one is as long as it needs.

    Names may come from untrusted files: control characters are escaped.
    """
    table = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)][:-1]
    for row in table:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        typer.echo(" " * indent + "  ".join([*padded, row[-1]]).rstrip())


def echo_table(title: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under column titles."""
    echo_columns([tuple(word.upper() for word in title), *rows])


def finite(value: float | None) -> float | None:
    """For ``callback``: refuse NaN as an option's number, which bounds alone let through.

    Raises:
        BadParameter: it is NaN.
    """
    if value is not None and math.isnan(value):
        raise typer.BadParameter("NaN is no number of anything")
    return value
