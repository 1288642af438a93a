"""Interquartile mean and stratified bootstrap intervals over runs and tasks.

After Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical Precipice"
(arXiv 2108.13264), section 4.3 and appendix A.2. Letters: N runs, J tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

Statistic = Callable[[np.ndarray], np.ndarray]
"""Scores [..., N, J] to one number for each leading index."""

RESAMPLES: Final = 2000


class Estimate(NamedTuple):
    """A statistic and its confidence interval."""

    value: float
    low: float
    high: float


def iqm(scores_NJ: np.ndarray) -> np.ndarray:
    """Interquartile mean [...]: the mean of the middle half of all scores [..., N, J].

    A quarter of the scores, rounded down, is dropped at each end: less than four scores are
    averaged whole.
    """
    ordered = np.sort(scores_NJ.reshape(*scores_NJ.shape[:-2], -1), axis=-1)  # [..., N * J]
    count = ordered.shape[-1]
    cut = count // 4
    middle: np.ndarray = ordered[..., cut : count - cut]
    return np.asarray(middle.mean(-1))


def estimate(
    scores_NJ: np.ndarray,
    statistic: Statistic = iqm,
    *,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """A statistic with its percentile interval from a bootstrap stratified by task.

    Args:
        scores_NJ: one score for each run and task.
        statistic: what to estimate.
        resamples: number of bootstrap resamples of the runs of each task.
        confidence: probability mass of the interval, 0..1.
        seed: of the generator that draws.

    Returns:
        the estimate; its interval is the value itself when there is a single run.
    """
    drawn = statistic(resample(scores_NJ, resamples, np.random.default_rng(seed)))
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(float(statistic(scores_NJ)), float(low), float(high))


def resample(scores_NJ: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """``count`` tables [count, N, J], each task's runs drawn from that task's runs."""
    runs, tasks = scores_NJ.shape
    rows_VNJ = generator.integers(runs, size=(count, runs, tasks))
    drawn_VNJ: np.ndarray = scores_NJ[rows_VNJ, np.arange(tasks)]
    return drawn_VNJ
