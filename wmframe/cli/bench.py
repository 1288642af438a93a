"""``wmframe bench``: measure the learner, acting, data and whole runs, and compare measurements."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wmframe import limits
from wmframe.cli.quick import QuickCommand, QuickGroup
from wmframe.cli.recipes import Overrides, Profile, RecipePath
from wmframe.cli.text import echo_columns, echo_table
from wmframe.files import disk_errors

if TYPE_CHECKING:
    from wmframe.bench.figures import Line

bench = typer.Typer(
    cls=QuickGroup,
    help="Measure speed: one JSON line per case. See docs/benchmarks.md.",
)

Rounds = Annotated[
    int, typer.Option(min=1, max=limits.EPISODES, help="Measurements of every case, interleaved.")
]
Device = Annotated[
    str | None, typer.Option(help="Device instead of the recipe's: cpu, cuda, cuda:1.")
]
Threads = Annotated[
    int | None, typer.Option(min=1, max=limits.PROCESSES, help="CPU threads of torch.")
]
Out = Annotated[Path | None, typer.Option(help="File to append the lines to.")]


class Acting(StrEnum):
    """How actions are chosen; the values of :data:`wmframe.types.Mode`."""

    train = "train"
    eval = "eval"
    random = "random"


@bench.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    files: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", metavar="A B", help="Two files of --out: ratios, case by case."),
    ] = None,
) -> None:
    """Measure speed: one JSON line per case. See docs/benchmarks.md."""
    if files is not None:
        echo_comparison(*files)
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@bench.command(cls=QuickCommand)
def learner(
    recipes: Annotated[
        list[Path] | None,
        typer.Argument(metavar="RECIPE...", help="Recipes; all in recipes/bench by default."),
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(help="A stage that trains a learner; repeatable; all by default."),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option("--profile", "-p", help="Profile of each recipe; repeatable."),
    ] = None,
    overrides: Overrides = None,
    rounds: Rounds = 10,
    threads: Threads = None,
    device: Device = None,
    dynamics: Annotated[
        bool,
        typer.Option("--dynamics", help="Only the latent model: forward and backward over a clip."),
    ] = False,
    one_by_one: Annotated[
        bool,
        typer.Option(
            "--one-by-one",
            help="Measure cases one after the other; use it if they do not fit in memory together.",
        ),
    ] = False,
    out: Out = None,
) -> None:
    """Updates per second on random batches, and the composition of an update."""
    from wmframe.bench.learner import learner_cases, measure_learners

    cases = learner_cases(
        recipes or (),
        profile or (),
        stage or (),
        overrides=tuple(overrides or ()),
        device=device,
        threads=threads,
        dynamics=dynamics,
    )
    echo_lines(measure_learners(cases, rounds, together=not one_by_one), out)


@bench.command(cls=QuickCommand)
def act(
    recipe: RecipePath,
    simulators: Annotated[
        list[int] | None,
        typer.Option(
            min=1,
            max=limits.PROCESSES,
            help="Simulators in parallel; repeatable; 1, 2, 4, 8 and 16.",
        ),
    ] = None,
    stage: Annotated[
        str | None, typer.Option(help="The stage; the first one with an agent by default.")
    ] = None,
    policy: Annotated[
        Acting, typer.Option(help="How actions are chosen; random: simulators only.")
    ] = Acting.train,
    profile: Profile = None,
    overrides: Overrides = None,
    rounds: Rounds = 5,
    threads: Threads = None,
    device: Device = None,
    out: Out = None,
) -> None:
    """Decisions per second and their latency, with real and with blank simulators."""
    from wmframe.bench.acting import COUNTS, ActingCase, measure_acting

    case = ActingCase(recipe, profile, tuple(overrides or ()), stage, device, threads, policy.value)
    echo_lines(measure_acting(case, simulators or COUNTS, rounds), out)


@bench.command(cls=QuickCommand)
def data(
    workers: Annotated[
        list[int] | None,
        typer.Option(
            min=0, max=limits.PROCESSES, help="Loader threads; repeatable; 0, 1, 2 and 4."
        ),
    ] = None,
    videos: Annotated[
        Path | None, typer.Option(help="A folder of video files; synthetic frames by default.")
    ] = None,
    replay_steps: Annotated[
        int | None,
        typer.Option(
            min=1000, max=limits.ROWS, help="Decisions in the replay, 12 KiB of disk each; 20,000."
        ),
    ] = None,
    rounds: Rounds = 10,
    out: Out = None,
) -> None:
    """Throughput of the replay and of packed videos."""
    from wmframe.bench.clips import WORKERS, measure_clips
    from wmframe.bench.replay import STEPS, measure_replay

    echo_lines(measure_replay(rounds, replay_steps or STEPS), out)
    echo_lines(measure_clips(rounds, workers or WORKERS, videos), out)


@bench.command(cls=QuickCommand)
def e2e(
    recipe: RecipePath,
    profile: Profile = None,
    overrides: Overrides = None,
    rounds: Rounds = 1,
    out: Out = None,
) -> None:
    """Wall time of a whole run in a temporary folder, and its breakdown."""
    from wmframe.bench.whole import measure_run

    echo_lines(measure_run(recipe, profile, overrides or (), rounds), out)


def echo_lines(lines: Iterable[Line], out: Path | None) -> None:
    """Print every line at once, and append it to a file."""
    for made in lines:
        text = json.dumps(made)
        typer.echo(text)
        if out is not None:
            with disk_errors(out), out.open("a") as file:
                file.write(text + "\n")


def echo_comparison(a: Path, b: Path) -> None:
    """Print the ratios of two files, and differences of machines and versions."""
    from wmframe.bench.compare import Row, compare

    rows, notes = compare(a, b)
    titles = {"a": "a", "b": "b", "ratio": "b/a"}
    echo_table([titles.get(name, name) for name in Row._fields], rows)
    echo_columns([(note,) for note in notes])
