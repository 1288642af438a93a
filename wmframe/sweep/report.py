"""The report of a sweep: statistics over the seeds of each grid point, and all its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from wmframe.errors import MissingError
from wmframe.files import write_atomically
from wmframe.report import html
from wmframe.report.compare import Group, comparison_figure, interval
from wmframe.report.page import PAGE
from wmframe.report.plots import is_score
from wmframe.report.records import Record, curve, load_metrics, metric_names
from wmframe.report.statistics import estimate
from wmframe.report.style import COLORS
from wmframe.sweep.grid import SEED, short_names
from wmframe.sweep.state import CellState, Status, counts, read_states

RETURN: Final = "eval/return_mean"
TASK: Final = "task"
"""The last part of an axis's key over which figures are aggregated, too."""

Point = tuple[tuple[str, str], ...]
"""Settings without the seed: key and value of each axis."""

Runs = Mapping[Point, Sequence[Sequence[Record]]]
"""The records of each point's finished runs."""


def report_sweep(folder: Path) -> Path:
    """Write ``report.html`` into a sweep's folder from what it holds.

    Runs that are not done count in no figure. Every cell that the folder ever had is there, those
    of earlier commands too.

    Returns:
        the page.
    """
    states = list(read_states(folder / "state").values())
    runs = load_runs(folder, states)
    title = f"Sweep {folder.name}"
    parts = [html.heading(title, 1), f'<p class="sub">{html.text(counts(states))}</p>']
    for metric in metrics_of(runs):
        parts += metric_section(metric, runs)
    parts += cells_section(folder, states)
    page = folder / PAGE
    write_atomically(page, html.document(f"{title} - wmframe", parts))
    return page


def load_runs(folder: Path, states: Sequence[CellState]) -> dict[Point, list[list[Record]]]:
    """The records of each point's finished runs."""
    runs: dict[Point, list[list[Record]]] = {}
    for state in (state for state in states if state.status is Status.DONE):
        point = tuple((key, value) for key, value in state.settings.items() if key != SEED)
        try:
            runs.setdefault(point, []).append(load_metrics(folder / "cells" / state.name))
        except MissingError:  # its recipe keeps no records
            continue
    return runs


def metrics_of(runs: Runs) -> list[str]:
    """The evaluation return, then the benchmark's scores, as ``eval/success_mean``."""
    every = (name for point in runs.values() for run in point for name in metric_names(run, "eval"))
    return [RETURN, *(name for name in dict.fromkeys(every) if is_score(name))]


def metric_section(metric: str, runs: Runs) -> Iterator[str]:
    """Curves and last values of one metric of the evaluations; nothing where none has it."""
    groups = dict(groups_of(metric, runs))
    if not groups:
        return
    name = metric.removeprefix("eval/").removesuffix("_mean").replace("_", " ")
    every = list(groups.values())
    for first in range(0, len(every), len(COLORS)):
        yield html.picture(comparison_figure(every[first : first + len(COLORS)]), f"Eval {name}")
    rows = [(g.label, str(len(g.curves)), g.final.value, interval(g.final)) for g in every]
    header = ("settings", "runs", f"last {name} (IQM)", "95 % interval")
    yield html.table(header, [*rows, *over_tasks(groups)])


def groups_of(metric: str, runs: Runs) -> Iterator[tuple[Point, Group]]:
    """The curves of each point that has any."""
    for point, records in runs.items():
        lines = tuple(line for run in records if len((line := curve(run, metric)).x))
        if lines:
            yield point, Group(label(point), lines)


def over_tasks(groups: Mapping[Point, Group]) -> Iterator[tuple[str | float, ...]]:
    """A row for each choice of the other settings that has several tasks.

    The interval is stratified by task, which takes equally many runs of each.
    """
    families: dict[Point, list[Group]] = {}
    for point, group in groups.items():
        rest = tuple(pair for pair in point if pair[0].rpartition(".")[2] != TASK)
        families.setdefault(rest, []).append(group)
    for rest, tasks in families.items():
        if len(tasks) < 2:
            continue
        title, sizes = f"{label(rest)}, all tasks", sorted({len(task.curves) for task in tasks})
        size = f"{len(tasks)} x {'/'.join(map(str, sizes))}"
        if len(sizes) > 1:
            yield title, size, "", "unlike numbers of runs"
            continue
        result = estimate(np.array([[line.y[-1] for line in task.curves] for task in tasks]).T)
        yield title, size, result.value, interval(result)


def label(point: Point) -> str:
    """A point's settings by short names."""
    short = short_names([key for key, _ in point])
    return ", ".join(f"{short[key]} = {value}" for key, value in point) or "all cells"


def cells_section(folder: Path, states: Sequence[CellState]) -> Iterator[str]:
    """Every cell with its state, and links to existing reports."""
    yield html.heading("Cells")
    rows = [(s.name, s.status, str(s.attempts), s.message) for s in states]
    yield html.table(("cell", "status", "attempts", "message"), rows)
    pages = {state.name: folder / "cells" / state.name / PAGE for state in states}
    links = [html.link(page, folder, name) for name, page in pages.items() if page.is_file()]
    if links:
        yield html.heading("Pages of the runs", 3)
        yield f"<p>{', '.join(links)}</p>"
