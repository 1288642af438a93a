"""``wmframe run`` and ``evaluate``: train, and evaluate a trained agent."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from wmframe import limits
from wmframe.cli.recipes import Overrides, Profile, RecipePath
from wmframe.cli.text import echo_columns

if TYPE_CHECKING:
    from wmframe.stages.evaluation.rollouts import Evaluation
    from wmframe.stages.run import RunResult


Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="Execute the code that the run's recipe brings along (plugins.local)."
    ),
]


class Policy(StrEnum):
    """How an agent acts; the words of :data:`wmframe.types.Mode`."""

    eval = "eval"
    train = "train"
    random = "random"


def run(
    recipe: RecipePath,
    profile: Profile = None,
    overrides: Overrides = None,
    name: Annotated[
        str | None, typer.Option(help="The run's folder in --runs; the recipe's name by default.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Where runs live.")] = Path("runs"),
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Show what would run, where it would write and what it would take."
        ),
    ] = False,
    allow_changes: Annotated[
        bool, typer.Option("--allow-changes", help="Resume a run with other settings.")
    ] = False,
) -> None:
    """Run a recipe; an interrupted run resumes where it stopped."""
    from wmframe.parallel.launch import end_if_launched
    from wmframe.parallel.world import World
    from wmframe.stages.run import plan_run, run_recipe

    changes = overrides or ()
    if dry_run:
        from wmframe.cli.dry_run import echo_plan

        echo_plan(plan_run(recipe, profile=profile, overrides=changes, name=name, runs=runs))
        return
    result = run_recipe(
        recipe,
        profile=profile,
        overrides=changes,
        name=name,
        runs=runs,
        allow_changes=allow_changes,
    )
    if not World.launched().rank:  # the first process of a launch speaks for all
        echo_result(result)
    end_if_launched()


def echo_result(result: RunResult) -> None:
    """Print where everything is that a run left behind."""
    for stage in result.stages:
        typer.echo(f"{stage.name}: {stage.folder}")
        echo_figures(stage.figures)
        echo_columns([(what, str(path)) for what, path in stage.products.items()], indent=2)
    typer.echo(f"curves: {result.report}")


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="runs/NAME, or runs/NAME/STAGE.")],
    episodes: Annotated[
        int, typer.Option(min=1, max=limits.EPISODES, help="Episodes to run.")
    ] = 10,
    simulators: Annotated[
        int, typer.Option(min=1, max=limits.PROCESSES, help="Episodes simulated side by side.")
    ] = 1,
    seed: Annotated[
        int, typer.Option(min=0, max=limits.SEED, help="Fixes episodes and what the policy draws.")
    ] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, or auto.")] = "auto",
    policy: Annotated[Policy, typer.Option(help="How actions are chosen.")] = Policy.eval,
    max_steps: Annotated[
        int, typer.Option(min=1, help="Decisions after which an episode is cut off.")
    ] = 100_000,
    trust: Trust = False,
    video: Annotated[
        Path | None, typer.Option(help="Write the first episode to this MP4 file.")
    ] = None,
) -> None:
    """Run episodes with a trained agent, without training it."""
    from wmframe.stages.evaluation.rollouts import evaluate_run

    figures, evaluation, counters = evaluate_run(
        folder,
        episodes=episodes,
        simulators=simulators,
        seed=seed,
        device=device,
        mode=policy.value,
        trust=trust,
        max_steps=max_steps,
        tell=Spoken(),
    )
    typer.echo(f"{folder} after {counters.env_steps} env steps, {counters.updates} updates")
    echo_figures(figures)
    if video is not None:
        write_video(video, evaluation)


class Spoken:
    """Prints its latest text on stderr at regular intervals."""

    def __init__(self, pause: float = 10.0) -> None:
        self._pause = pause
        self._due = monotonic() + pause

    def __call__(self, text: str) -> None:
        """Print the text, if it is time."""
        if monotonic() >= self._due:
            typer.echo(text, err=True)
            self._due = monotonic() + self._pause


def write_video(path: Path, evaluation: Evaluation) -> None:
    """Write the first episode, or say that it had no pictures."""
    from wmframe.data.video import write_mp4

    frames_THWC = evaluation.frames_THWC
    if frames_THWC is None:
        typer.echo("no video: the benchmark shows no pictures")
        return
    write_mp4(path, frames_THWC)
    typer.echo(f"video: {path}")


def report(
    folders: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs.")],
    page: Annotated[
        Path, typer.Option(help="The page to write when several runs are compared.")
    ] = Path("comparison.html"),
) -> None:
    """Write a page with the curves, figures and videos of a run, or one that compares several."""
    if len(folders) == 1:
        from wmframe.report.page import report_run

        typer.echo(report_run(folders[0]))
    else:
        from wmframe.report.compare import compare

        typer.echo(compare(folders, page))


def echo_figures(figures: Mapping[str, float]) -> None:
    """Print figures, one a line."""
    echo_columns([(name, f"{value:.6g}") for name, value in sorted(figures.items())], indent=2)
