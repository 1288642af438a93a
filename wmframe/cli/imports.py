"""``wmframe import-checkpoint`` and ``export-checkpoint``: weights of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wmframe.cli.text import echo_columns

if TYPE_CHECKING:
    from wmframe.interfaces.layout import Layout

LayoutName = Annotated[str, typer.Option("--layout", help="The layout, such as a method's name.")]


def import_checkpoint(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A .pt file, or a folder of some.")],
    layout: LayoutName,
    out: Annotated[Path, typer.Option(help="The checkpoint to make; must not exist.")],
) -> None:
    """Convert another program's files into a checkpoint for ``init``; no code is executed."""
    from wmframe.training.checkpoint import save_weights
    from wmframe.training.layouts import read_layout

    imported = read_layout(path, find_layout(layout))
    save_weights(out, imported.weights)
    echo_columns([(file, f"{count} tensors") for file, count in imported.counts.items()])
    echo_names("did not match", imported.odd)
    echo_names("not in the files, derived from them", imported.derived)
    typer.echo(f'checkpoint: {out}, to start from with init = "{out}"')


def export_checkpoint(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A checkpoint, or a stage's folder.")
    ],
    layout: LayoutName,
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Omit weights that the layout has no place for.")
    ] = False,
) -> None:
    """Write a checkpoint's weights in another program's format; all of them, or nothing."""
    from wmframe.training.checkpoint import newest_checkpoint, read_weights
    from wmframe.training.layouts import write_layout

    checkpoint = newest_checkpoint(path)
    weights = read_weights(checkpoint)
    exported = write_layout(weights, find_layout(layout), out, partial=partial)
    echo_columns([(str(out / file), f"{count} tensors") for file, count in exported.counts.items()])
    echo_names("not in the files, derived from them", exported.derived)
    echo_names("omitted, no place in the layout", exported.lost)


def find_layout(name: str) -> Layout:
    """The layout of this name.

    Raises:
        MissingError: there is none.
    """
    from wmframe.config import load_object
    from wmframe.registry import registry

    layout: Layout = load_object(registry().find("layout", name).target)()
    return layout


def echo_names(title: str, names: tuple[str, ...]) -> None:
    """Print names below a title, if there are any."""
    if names:
        typer.echo(f"{title}:")
        for name in names:
            typer.echo(f"  {name}")
