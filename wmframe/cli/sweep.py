"""``wmframe sweep``: a recipe over seeds and settings."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wmframe import limits
from wmframe.cli.recipes import Profile, RecipePath
from wmframe.cli.text import echo_table, finite

if TYPE_CHECKING:
    from wmframe.sweep.loop import Executor
    from wmframe.sweep.plan import SweepPlan
    from wmframe.sweep.state import CellState


def sweep(
    recipe: RecipePath,
    profile: Profile = None,
    seeds: Annotated[
        str | None, typer.Option(help="0..7 (both ends included), 0,3,5, or both kinds mixed.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=A,B,C",
            help="A setting, or several values to try; may be repeated.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The folder in --sweeps; the recipe's name by default.")
    ] = None,
    sweeps: Annotated[Path, typer.Option(help="Folder of sweeps.")] = Path("sweeps"),
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=limits.PROCESSES,
            help="Cells in parallel: 1, or on Ray as many as fit.",
        ),
    ] = None,
    retries: Annotated[int, typer.Option(min=0, max=1000, help="Retries of a failed cell.")] = 2,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="auto|local|HOST:PORT", help="Run on a Ray cluster; --sweeps has to be shared."
        ),
    ] = None,
    cpus: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=limits.PROCESSES,
            callback=finite,
            help="CPU cores of a cell on Ray; 1 by default.",
        ),
    ] = None,
    gpus: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=limits.PROCESSES,
            callback=finite,
            help="GPUs of a cell on Ray; 0.5 lets two share one.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the cells and their state; write nothing.")
    ] = False,
) -> None:
    """Run a recipe for every seed and setting; the same command resumes the sweep.

    A key may be shortened to its end if that is unique in the recipe: --set task=A,B.
    """
    from wmframe.sweep.plan import plan_sweep

    make_executor = choose_executor(ray, jobs, cpus, gpus)
    plan = plan_sweep(
        recipe, seeds=seeds, settings=settings or (), profile=profile, name=name, sweeps=sweeps
    )
    if dry_run:
        echo_table(("cell", "status"), [(s.name, str(s)) for s in plan.states().values()])
        typer.echo(f"{len(plan.cells)} cells in {plan.folder}")
        return
    environment = threads_of_a_cell(jobs or 1) if ray is None else {}
    conclude(plan, run_cells(plan, make_executor, retries, environment))


def choose_executor(
    ray: str | None, jobs: int | None, cpus: float | None, gpus: float | None
) -> Callable[[], Executor]:
    """A factory of the executor for the options.

    Raises:
        UsageError: options of Ray were given without it.
    """
    from wmframe.errors import UsageError

    if ray is not None:
        from wmframe.sweep.ray import RayExecutor

        return lambda: RayExecutor(ray, cpus or 1.0, gpus or 0.0, jobs)
    if cpus is not None or gpus is not None:
        hint = "add --ray local, which also gives each cell its own GPU, or use --jobs"
        raise UsageError("--cpus and --gpus require Ray", hint)
    from wmframe.sweep.processes import LocalExecutor

    return lambda: LocalExecutor(jobs or 1)


def threads_of_a_cell(jobs: int) -> dict[str, str]:
    """The variable that divides this process's cores among cells; empty for one at a time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"OMP_NUM_THREADS": str(max(1, (cores or 1) // jobs))} if jobs > 1 else {}


def run_cells(
    plan: SweepPlan,
    make_executor: Callable[[], Executor],
    retries: int,
    environment: Mapping[str, str],
) -> dict[str, CellState]:
    """Run the sweep with a line for each change; an interrupt prints how to resume."""
    from wmframe.signals import Interrupted
    from wmframe.sweep.loop import run_sweep

    typer.echo(f"{len(plan.cells)} cells in {plan.folder}")
    try:
        return run_sweep(plan, make_executor, tell, retries=retries, environment=environment)
    except KeyboardInterrupt as error:
        number = Interrupted.of(error).number
        raise Interrupted(number, "interrupted", "the same command resumes") from error


def tell(state: CellState) -> None:
    """Print a line about a cell."""
    typer.echo(f"{time.strftime('%H:%M:%S')} {state.name}: {state}")


def conclude(plan: SweepPlan, states: Mapping[str, CellState]) -> None:
    """Write the report, name the cells that failed, and exit with 1 if there are any."""
    from wmframe.sweep.report import report_sweep
    from wmframe.sweep.state import Status, counts

    page = report_sweep(plan.folder)
    failed = [state for state in states.values() if state.status is Status.FAILED]
    for state in failed:
        typer.echo(f"{state.name}: {state.message}\n  log: {plan.log_file(state.name)}", err=True)
    typer.echo(counts(states.values()))
    typer.echo(f"report: {page}")
    if failed:
        raise typer.Exit(1)
