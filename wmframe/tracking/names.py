"""Every metric that the core records, with unit and meaning: the source of ``docs/metrics.md``.

A name in angle brackets stands for any word: an agent's names of losses, a benchmark's of scores.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple


class Metric(NamedTuple):
    """One metric: its name (``group/name``), its unit ("1" if it has none), its meaning."""

    name: str
    unit: str
    meaning: str


COUNTERS: Final = (
    Metric("env_steps", "frames", "simulator frames, action repeat included"),
    Metric("agent_steps", "decisions", "actions that the agent has chosen"),
    Metric("updates", "gradient steps", "gradient steps of the learner"),
    Metric("episodes", "episodes", "training episodes that have ended"),
)
"""In every record."""

METRICS: Final = (
    Metric("episode/return", "reward", "sum of rewards of one training episode"),
    Metric("episode/length", "decisions", "length of one training episode"),
    Metric("episode/<score>", "1", "a score of the benchmark for one training episode (success)"),
    Metric(
        "prefill/return", "reward", "return of an episode of random actions before learning began"
    ),
    Metric("eval/return_mean", "reward", "mean return over the evaluation episodes"),
    Metric("eval/return_std", "reward", "standard deviation of those returns"),
    Metric("eval/length_mean", "decisions", "mean length of the evaluation episodes"),
    Metric("eval/episodes", "episodes", "number of evaluation episodes"),
    Metric("eval/unfinished", "episodes", "evaluation episodes truncated at max_steps"),
    Metric("eval/<score>_mean", "1", "mean of a score over the evaluation episodes"),
    Metric("train/<loss>", "1", "a metric of the learner, mean since the last record"),
    Metric("heldout/<loss>", "1", "a loss of the learner on held-out clips"),
    Metric("heldout/image_loss_first", "1", "the image loss before the first update"),
    Metric("heldout/image_loss_fall", "1", "the first image loss divided by the current one"),
    Metric(
        "heldout/moving",
        "clips",
        "number of moving held-out clips, on which the next four are computed",
    ),
    Metric("heldout/psnr", "dB", "PSNR of open-loop predictions, mean over predicted frames"),
    Metric("heldout/ssim", "1", "SSIM of open-loop predictions"),
    Metric("heldout/psnr_repeat", "dB", "PSNR of repeating the last observed frame instead"),
    Metric("heldout/ssim_repeat", "1", "SSIM of repeating the last observed frame"),
    Metric("replay/steps", "decisions", "steps in the replay"),
    Metric("replay/episodes", "episodes", "episodes in the replay"),
    Metric("rate/env_steps", "frames/s", "simulator frames per second since the last record"),
    Metric("rate/updates", "1/s", "gradient steps per second since the last record"),
    Metric("time/share_simulator", "0..1", "share of the time spent waiting for simulators"),
    Metric("time/share_data", "0..1", "share of the time spent waiting for batches"),
    Metric("time/share_learner", "0..1", "share of the time spent in gradient steps"),
    Metric(
        "time/share_other", "0..1", "share of the time spent on everything else: acting, evaluation"
    ),
    Metric("simulators/restarts", "restarts", "simulator processes that died and were restarted"),
)
"""In the records where they apply."""


@cache
def find(name: str) -> Metric | None:
    """The entry that ``name`` falls under, exact names before patterns; None if unknown."""
    for metric in sorted((*COUNTERS, *METRICS), key=lambda metric: "<" in metric.name):
        if re.fullmatch(re.sub(r"<\w+>", r"[^/]+", metric.name), name):
            return metric
    return None


def docs_row(metric: Metric) -> str:
    """The metric's line in the table of ``docs/metrics.md``."""
    return f"| `{metric.name}` | {metric.unit} | {metric.meaning} |"
