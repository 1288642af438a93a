"""Plots of a run: learning curves, losses, and shares of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wmframe.report.records import Curve, Record, curve, metric_names
from wmframe.report.style import COLORS, INK, count_axis, make_axes, styled

SMOOTHED: Final = 10
"""Training episodes that the running mean covers."""

POINTS: Final = 300
"""Points that a line of a small panel keeps."""

FEW: Final = 30
"""Points below which a small panel shows each."""


@styled
def learning_figure(records: Sequence[Record]) -> Figure | None:
    """Return over env steps, and each score of the evaluations; None without any episode."""
    scores = [name for name in metric_names(records, "eval") if is_score(name)]
    if not (metric_names(records, "episode") or metric_names(records, "eval")):
        return None
    figure, axes = make_axes(1 + len(scores), columns=2, width=6.0, height=3.4)
    draw_returns(axes[0], records)
    for panel, name in zip(axes[1:], scores, strict=True):
        score = name.removeprefix("eval/").removesuffix("_mean")
        draw_training(panel, curve(records, f"episode/{score}"))
        draw_evaluation(panel, curve(records, name))
        panel.set_title(score)
    for panel in axes:
        count_axis(panel, "env steps")
    axes[0].legend(loc="best")
    return figure


def is_score(name: str) -> bool:
    """Whether an evaluation's metric is a score of the benchmark: no return, no length."""
    return name.endswith("_mean") and name not in ("eval/return_mean", "eval/length_mean")


def draw_returns(axes: Axes, records: Sequence[Record]) -> None:
    """Training episodes, evaluations, and the return of random actions."""
    random = curve(records, "prefill/return")
    if len(random.y):
        axes.axhline(float(random.y.mean()), color=INK, lw=1.3, ls=":", label="random policy")
    draw_training(axes, curve(records, "episode/return"))
    spread = curve(records, "eval/return_std")
    draw_evaluation(axes, curve(records, "eval/return_mean"), spread)
    axes.set_title("return")


def draw_training(axes: Axes, episodes: Curve) -> None:
    """Each episode as a faint dot, and their running mean."""
    if not len(episodes.x):
        return
    axes.plot(episodes.x, episodes.y, ".", color=COLORS[0], ms=4, mew=0, alpha=0.35)
    label = f"training, mean of {SMOOTHED}"
    axes.plot(episodes.x, running_mean(episodes.y), color=COLORS[0], lw=1.3, label=label)


def draw_evaluation(axes: Axes, mean: Curve, spread: Curve | None = None) -> None:
    """The evaluations' means, with one standard deviation where it is known."""
    if not len(mean.x):
        return
    if spread is not None and len(spread.y) == len(mean.y):
        low, high = mean.y - spread.y, mean.y + spread.y
        axes.fill_between(mean.x, low, high, color=COLORS[1], alpha=0.15, lw=0)
    axes.plot(mean.x, mean.y, "o-", color=COLORS[1], ms=4, lw=1.8, label="evaluation ± std")


@styled
def panels_figure(records: Sequence[Record], group: str) -> Figure | None:
    """One small panel for each metric of a group, over updates; None without any."""
    names = metric_names(records, group)
    if not names:
        return None
    figure, panels = make_axes(len(names), columns=4, width=3.0, height=1.7)
    for axes, name in zip(panels, sorted(names), strict=True):
        line = thin(curve(records, name, "updates"))
        axes.plot(line.x, line.y, color=COLORS[0], lw=1.1, marker="." if len(line.x) < FEW else "")
        axes.set_title(name.removeprefix(f"{group}/"), fontweight="normal")
        if spans_decades(line.y):
            axes.set_yscale("log")
        count_axis(axes, "")
    figure.supxlabel("updates", fontsize=9)
    return figure


@styled
def time_figure(records: Sequence[Record]) -> Figure | None:
    """Shares of time and rates over env steps or updates; None if not recorded."""
    names = metric_names(records, "time")
    if not names:
        return None
    axis = "env_steps" if any(record["env_steps"] for record in records) else "updates"
    spent = dict.fromkeys(names, 0.0)  # a section that was not entered has no share in a record
    timed = [{**spent, **record} for record in records if record.keys() & spent.keys()]
    curves = [curve(timed, name, axis) for name in names]
    figure, (shares, speed) = make_axes(2, columns=2, width=6.0, height=2.4)
    labels = [name.removeprefix("time/share_") for name in names]
    shares.stackplot(
        curves[0].x, *[line.y for line in curves], labels=labels, colors=COLORS, alpha=0.75, lw=0
    )
    shares.set_title("share of time")
    shares.set_ylim(0, 1)
    shares.legend(loc="upper left", bbox_to_anchor=(1, 1))
    draw_speed(speed, records, axis)
    for panel in (shares, speed):
        count_axis(panel, axis.replace("_", " "))
    return figure


def draw_speed(axes: Axes, records: Sequence[Record], axis: str) -> None:
    """Rates of simulator frames and of updates."""
    for name, color in (("rate/env_steps", COLORS[1]), ("rate/updates", COLORS[0])):
        line = thin(curve(records, name, axis))
        if not len(line.x):
            continue
        label = name.removeprefix("rate/").replace("_", " ")
        axes.plot(line.x, line.y, color=color, lw=1.3, label=label)
    axes.set_title("per second")
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")


def running_mean(values: np.ndarray, width: int = SMOOTHED) -> np.ndarray:
    """Mean of each value and those before it, ``width`` together."""
    sums = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - width)
    means: np.ndarray = (sums[ends] - sums[starts]) / (ends - starts)
    return means


def thin(line: Curve, points: int = POINTS) -> Curve:
    """Means over stretches of equal count, at most ``points`` of them."""
    if len(line.x) <= points:
        return line
    x, y = (np.array_split(values, points) for values in line)
    return Curve(np.array([part.mean() for part in x]), np.array([part.mean() for part in y]))


def spans_decades(values: np.ndarray) -> bool:
    """Whether a logarithmic axis shows more: positive values over a factor of a hundred."""
    return len(values) > 0 and values.min() > 0 and bool(values.max() > 100 * values.min())
