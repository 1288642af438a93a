"""``wmframe imagine``: open-loop predictions of a trained model as videos and images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wmframe import limits
from wmframe.cli.runs import Trust, echo_figures
from wmframe.cli.text import echo_columns


def imagine(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="runs/NAME, or runs/NAME/STAGE.")],
    clips: Annotated[int, typer.Option(min=1, max=limits.BATCH, help="Number of clips.")] = 4,
    length: Annotated[int, typer.Option(min=2, max=limits.LENGTH, help="Frames of a clip.")] = 25,
    observed: Annotated[
        int, typer.Option(min=1, max=limits.LENGTH, help="Frames that the model observes.")
    ] = 5,
    seed: Annotated[
        int,
        typer.Option(min=0, max=limits.SEED, help="Seed of the clips and of the model's samples."),
    ] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, or auto.")] = "auto",
    trust: Trust = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Output folder; by default imagined/ in the stage's folder."),
    ] = None,
) -> None:
    """Show a trained model the start of clips and predict the remaining frames, as MP4 and PNG.

    Rows are truth, model and error. A model that separates context and motion also shows each
    clip's motion in the context of the next clip: motion, prediction, context, both.
    """
    from wmframe.stages.evaluation.imagine import imagine_run

    imagined = imagine_run(
        folder,
        out,
        clips=clips,
        length=length,
        observed=observed,
        seed=seed,
        device=device,
        trust=trust,
    )
    typer.echo(f"{folder} after {imagined.counters.updates} updates")
    echo_figures(imagined.figures)
    echo_columns([(what, str(path)) for what, path in imagined.files.items()], indent=2)
