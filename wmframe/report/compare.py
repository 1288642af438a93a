"""Comparison of several runs: those that differ only by their seed form one group."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from matplotlib.figure import Figure

from wmframe.errors import UsageError
from wmframe.files import disk_errors, write_atomically
from wmframe.recipe.source import read_recipe
from wmframe.report import html
from wmframe.report.records import Curve, curve, load_metrics
from wmframe.report.statistics import Estimate, estimate
from wmframe.report.style import COLORS, count_axis, make_axes, styled

PER_RUN: Final = ("seed", "name")
"""Settings that may differ between the runs of a group."""

NAMED: Final = 3
"""Maximum number of names in a group's label, if its runs have no common one."""


@attrs.frozen
class Group:
    """Runs of one recipe: the evaluation curve and the last evaluation return of each."""

    label: str
    curves: tuple[Curve, ...]

    @property
    def final(self) -> Estimate:
        """Interquartile mean over the runs of their last evaluation's return."""
        return estimate(np.array([[line.y[-1]] for line in self.curves]))


def compare(folders: Sequence[Path], page: Path = Path("comparison.html")) -> Path:
    """Write a page with the evaluation curves and last returns of several runs.

    Args:
        folders: runs that were evaluated.
        page: the file to write.

    Raises:
        MissingError: a folder holds no metrics.
        UsageError: no folder was given, or a run was never evaluated.
    """
    groups = group_runs(folders)
    parts = [
        html.heading("Comparison of runs", 1),
        html.picture(comparison_figure(groups), "Evaluation return"),
        html.heading("Last evaluation", 3),
        final_table(groups),
    ]
    with disk_errors(page):
        page.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(page, html.document("Comparison - wmframe", parts))
    return page


def group_runs(folders: Sequence[Path]) -> list[Group]:
    """Runs of the same resolved recipe together, in the order given."""
    if not folders:
        raise UsageError("there is nothing to compare", "give the folders of some runs")
    recipes = {folder: resolved(folder) for folder in folders}
    members: dict[str, list[Path]] = {}
    for folder, recipe in recipes.items():
        shared = {key: value for key, value in recipe.items() if key not in PER_RUN}
        identity = json.dumps(shared) if recipe else str(folder)
        members.setdefault(identity, []).append(folder)
    labels = [label({path: recipes[path].get("seed") for path in p}) for p in members.values()]
    return [
        Group(
            label if labels.count(label) == 1 else f"{label} ({paths[0]})",
            tuple(map(evaluations, paths)),
        )
        for label, paths in zip(labels, members.values(), strict=True)
    ]


def resolved(folder: Path) -> dict[str, Any]:
    """A run's recipe with every default; empty where its folder has none.

    Raises:
        RecipeError: the file is damaged.
    """
    file = folder / "resolved.toml"
    values: dict[str, Any] = read_recipe(file).plain() if file.is_file() else {}
    return values


def label(seeds: Mapping[Path, Any]) -> str:
    """The name of a group: its run's name, or the common part before the seeds.

    Only a run's own seed is taken off, as a word: ``reach_v2`` keeps its digit.

    Args:
        seeds: of each run, by its folder.
    """
    names = [path.resolve().name for path in seeds]
    if len(names) > 1:
        pairs = zip(names, seeds.values(), strict=True)
        names = [re.sub(rf"[-_.]+(seed|s)?[-_.]*0*{seed}$", "", name) for name, seed in pairs]
    different = list(dict.fromkeys(names))
    listed = ", ".join(different[:NAMED])
    return listed if len(different) <= NAMED else f"{listed} and {len(different) - NAMED} more"


def evaluations(folder: Path) -> Curve:
    """A run's evaluation returns over env steps."""
    line = curve(load_metrics(folder), "eval/return_mean")
    if not len(line.x):
        raise UsageError(f"{folder} was never evaluated", "leave it out, or run it to its end")
    return line


@styled
def comparison_figure(groups: Iterable[Group]) -> Figure:
    """A row for each group, with a 95 % interval if it has several runs."""
    figure, (axes,) = make_axes(1, columns=1, width=9.0, height=4.2)
    for index, group in enumerate(groups):
        color = COLORS[index % len(COLORS)]
        x, estimates = group_curve(group.curves)
        values = np.array(estimates).T
        axes.plot(x, values[0], color=color, lw=1.8, label=f"{group.label} ({len(group.curves)})")
        if len(group.curves) > 1:
            axes.fill_between(x, values[1], values[2], color=color, alpha=0.15, lw=0)
    axes.legend(loc="best", title="recipe (runs)")
    count_axis(axes, "env steps")
    return figure


def group_curve(curves: Sequence[Curve]) -> tuple[np.ndarray, list[Estimate]]:
    """Estimates at every evaluation within the range covered by all curves.

    A run that was not evaluated just there counts with the value between its neighbors.
    """
    start, end = max(line.x[0] for line in curves), min(line.x[-1] for line in curves)
    x = np.unique(np.concatenate([line.x for line in curves]))
    x = x[(start <= x) & (x <= end)]
    scores_NX = np.stack([np.interp(x, line.x, line.y) for line in curves])
    return x, [estimate(scores_N1, resamples=500) for scores_N1 in scores_NX.T[:, :, None]]


def final_table(groups: Iterable[Group]) -> str:
    """Each group's last evaluation."""
    rows = [
        (group.label, str(len(group.curves)), group.final.value, interval(group.final))
        for group in groups
    ]
    return html.table(("recipe", "runs", "return (IQM)", "95 % interval"), rows)


def interval(result: Estimate) -> str:
    """An interval as text."""
    return f"{result.low:,.4g} to {result.high:,.4g}"
