"""Run a recipe: load it, plan the folder, execute the stages in their order, summarise.

An interrupted run resumes where it stopped; a complete one ends at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from wmframe.errors import UsageError
from wmframe.files import disk_errors
from wmframe.interfaces.context import StageContext
from wmframe.interfaces.stage import Stage
from wmframe.parallel.host import check_place, configure_host
from wmframe.parallel.launch import joined, own_device
from wmframe.parallel.world import is_main, single_process, size
from wmframe.recipe import Recipe, load_recipe
from wmframe.recipe.scalars import shortened
from wmframe.registry import registry
from wmframe.signals import SOON, Interrupted, interruptible
from wmframe.stages.plan import Plan
from wmframe.training.device import usable_device

RUNS = Path("runs")
LONGEST_NAME = 200
"""Maximum bytes of a folder's name; file systems allow 255."""


@attrs.frozen
class StageResult:
    """The result of a stage."""

    name: str
    folder: Path
    figures: Mapping[str, float]

    @property
    def products(self) -> dict[str, Path]:
        """The newest file of each kind worth looking at."""
        videos = sorted((self.folder / "videos").glob("*.mp4"), key=lambda path: path.stem)
        found = {f"video, {path.stem.rpartition('_')[0]}": path for path in videos}
        checkpoints = sorted((self.folder / "checkpoints").glob("step_*"))
        return found | ({"checkpoint": checkpoints[-1]} if checkpoints else {})


@attrs.frozen
class RunResult:
    """A finished run: its folder, its stages in order, and the page with its curves."""

    folder: Path
    stages: tuple[StageResult, ...]
    report: Path


def plan_run(
    path: str | Path,
    *,
    profile: str | None = None,
    overrides: Sequence[str] = (),
    name: str | None = None,
    runs: Path = RUNS,
) -> Plan:
    """Load a recipe and choose the folder of its run: ``runs/NAME``, or ``NAME-PROFILE``."""
    recipe = load_recipe(path, profile=profile, overrides=overrides)
    if name is not None:
        check_name(name)
    default = f"{recipe.name}-{profile}" if profile else recipe.name
    return Plan(recipe, runs / (name or default))


def check_name(name: str) -> None:
    """Refuse names that are no folder in ``runs``, or a path of several folders.

    Raises:
        UsageError: it cannot.
    """
    parts = Path(name).parts
    wrong = not parts or ".." in parts or not name.isprintable()
    if wrong or any(len(os.fsencode(part)) > LONGEST_NAME for part in parts):
        hint = f"give a name of up to {LONGEST_NAME} letters, without dots alone"
        raise UsageError(f"--name {shortened(name)!a} cannot be a run's folder", hint)


def run_recipe(
    path: str | Path,
    *,
    profile: str | None = None,
    overrides: Sequence[str] = (),
    name: str | None = None,
    runs: Path = RUNS,
    allow_changes: bool = False,
) -> RunResult:
    """Run every stage of a recipe, resuming where an earlier run of it stopped.

    Args:
        path: the recipe's file, or the name of one that ships with wmframe.
        profile: a profile of the recipe.
        overrides: ``a.b=c``, applied last.
        name: the run's folder in ``runs``; by default the recipe's name and the profile's.
        runs: where runs live.
        allow_changes: resume a run that was started with other settings.

    Raises:
        WmframeError: see :mod:`wmframe.errors`; each says what to do next.
    """
    with joined():
        plan = plan_run(path, profile=profile, overrides=overrides, name=name, runs=runs)
        return run_plan(plan, allow_changes)


def run_plan(plan: Plan, allow_changes: bool = False) -> RunResult:
    """Run every stage of a plan in each process of a launch; process 0 writes for all.

    Raises:
        UsageError: this machine lacks the recipe's device, another run works in the folder, or the
            run was begun with other settings.
    """
    check_place()
    configure_host()
    usable_device(plan.recipe.device)  # before the folder is made for it
    with interruptible(SOON), saying_what_is_saved(plan):
        if not is_main():
            return run_stages(plan, lambda: None)
        with plan.owned() as held:
            plan.prepare(allow_changes)
            return run_stages(plan, held.check)


@contextmanager
def saying_what_is_saved(plan: Plan) -> Iterator[None]:
    """Add the newest checkpoint, and how to resume, to the interrupt of a run."""
    try:
        yield
    except KeyboardInterrupt as error:
        stages = [plan.folder / name / "checkpoints" for name, _ in reversed(plan.recipe.stages)]
        saved = [path for folder in stages for path in sorted(folder.glob("step_*"))[-1:]]
        said = f"the newest checkpoint is {saved[0]}" if saved else "no checkpoint was saved yet"
        hint = f"the same command {'resumes from there' if saved else 'starts over'}"
        raise Interrupted(Interrupted.of(error).number, f"interrupted; {said}", hint) from error


def run_stages(plan: Plan, check: Callable[[], None]) -> RunResult:
    """Run every stage; ``check`` raises if the folder no longer belongs to this run."""
    from wmframe.parallel.collectives import barrier, broadcast_object
    from wmframe.report.page import report_run

    device = choose_device(plan.recipe)
    plan = choose_precision(plan, device)
    if is_main():
        computed = {"device": describe_device(device), "precision": plan.recipe.precision}
        plan.lock({**computed, "suites": suite_facts(plan.recipe)})
    barrier()
    results = tuple(run_stage(plan, i, device, check) for i in range(len(plan.recipe.stages)))
    page = report_run(plan.folder) if is_main() else plan.folder
    return RunResult(plan.folder, results, broadcast_object(page))


def run_stage(plan: Plan, index: int, device: str, check: Callable[[], None]) -> StageResult:
    """Build one stage and execute it: in every process if it is parallel, else in process 0."""
    from wmframe.parallel.collectives import broadcast_object

    name, part = plan.recipe.stages[index]
    folder = plan.folder / name
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    stage: Stage = part.build()
    figures: Mapping[str, float] = {}
    if stage.parallel:
        figures = execute(plan, name, stage, device, check)
    elif is_main():
        with single_process():
            figures = execute(plan, name, stage, device, check)
    return StageResult(name, folder, broadcast_object(figures))


def execute(
    plan: Plan, name: str, stage: Stage, device: str, check: Callable[[], None]
) -> Mapping[str, float]:
    """Execute a stage; process 0 reports to trackers and plugins."""
    from wmframe.tracking.hub import TrackerHub

    folder, chosen = plan.folder / name, plan.recipe.trackers if is_main() else ()
    trackers = [t.build(folder=folder, stage=name) for t in chosen]
    emit = registry().emit if is_main() else _tell_nobody
    hub = TrackerHub(trackers, folder=folder, stage=name, emit=emit, always=is_main())
    try:
        recipe = plan.recipe
        context = StageContext(
            name,
            plan.folder,
            recipe.seed,
            device,
            hub,
            emit,
            precision=recipe.precision,
            cuda_graphs=recipe.cuda_graphs,
            check=check,
        )
        emit("stage_started", stage=name, folder=folder)
        figures = stage.execute(context)
        emit("stage_finished", stage=name, folder=folder, summary=figures)
    finally:
        hub.close()
    return figures


def _tell_nobody(event: str, **_: Any) -> None:
    """Replaces the registry's ``emit`` in processes other than 0."""


def choose_device(recipe: Recipe) -> str:
    """The torch device of a recipe; ``auto`` takes a GPU if there is one.

    Sets the threads, the precision of products on GPUs and the kernels for the CPU as well.

    Each process of a launch takes a GPU of its own.
    """
    import torch

    from wmframe.nn.cpu.switch import set_kernels
    from wmframe.nn.precision import allow_tf32

    allow_tf32(recipe.precision)
    set_kernels(recipe.cpu_kernels)
    if recipe.threads is not None:
        torch.set_num_threads(recipe.threads)
    return own_device(usable_device(recipe.device))


def choose_precision(plan: Plan, device: str) -> Plan:
    """The plan with ``auto`` resolved in its recipe: as the run was started, on any device."""
    from wmframe.nn.precision import default_precision
    from wmframe.parallel.collectives import broadcast_object

    if plan.recipe.precision != "auto":
        return plan
    precision = broadcast_object(plan.locked().get("precision") or default_precision(device))
    return attrs.evolve(plan, recipe=attrs.evolve(plan.recipe, precision=precision))


def describe_device(device: str) -> dict[str, Any]:
    """The hardware, for the lock."""
    import torch

    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else "cpu"
    threads = torch.get_num_threads()
    return {"device": device, "name": name, "threads": threads, "processes": size()}


def suite_facts(recipe: Recipe) -> dict[str, dict[str, str]]:
    """Facts about each stage's benchmark: render profile, assets, versions."""
    facts = {}
    for name, part in recipe.stages:
        suite = part.settings().get("suite")
        if suite is not None:
            facts[name] = suite.build().facts()
    return facts
