"""The statistics against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.report.statistics import estimate, iqm, resample


def test_iqm_drops_a_quarter_at_each_end():
    scores_RT = np.array([[0.0, 100.0], [1.0, 2.0], [3.0, 4.0], [-50.0, 5.0]])
    assert iqm(scores_RT) == pytest.approx((1 + 2 + 3 + 4) / 4)


def test_iqm_of_less_than_four_scores_is_their_mean():
    assert iqm(np.array([[1.0], [2.0], [9.0]])) == pytest.approx(4.0)


def test_iqm_of_five_drops_one_at_each_end():
    assert iqm(np.array([[-90.0], [1.0], [2.0], [3.0], [900.0]])) == pytest.approx(2.0)


def test_iqm_keeps_leading_axes():
    scores = np.random.default_rng(0).normal(size=(7, 5, 3))
    assert iqm(scores) == pytest.approx([float(iqm(table)) for table in scores])


def test_tasks_are_strata_whose_runs_do_not_mix():
    scores_RT = np.array([[1.0, 10.0], [2.0, 20.0]])
    drawn_SRT = resample(scores_RT, 100, np.random.default_rng(0))
    assert drawn_SRT.shape == (100, 2, 2)
    assert set(drawn_SRT[..., 0].flat) == {1.0, 2.0}
    assert set(drawn_SRT[..., 1].flat) == {10.0, 20.0}
    assert (drawn_SRT[:, :, 0] * 10 != drawn_SRT[:, :, 1]).any()  # drawn apart for each task


def test_the_interval_of_a_mean_has_the_width_that_theory_says():
    scores_RT = np.random.default_rng(1).normal(5.0, 2.0, size=(400, 1))
    result = estimate(scores_RT, lambda scores: scores.mean((-2, -1)))
    half = 1.96 * scores_RT.std() / 20
    assert result.value == pytest.approx(scores_RT.mean())
    assert result.high - result.value == pytest.approx(half, rel=0.15)
    assert result.value - result.low == pytest.approx(half, rel=0.15)


def test_a_single_run_has_no_spread():
    assert estimate(np.array([[3.0]])) == (3.0, 3.0, 3.0)


def test_the_same_seed_gives_the_same_interval():
    scores_RT = np.random.default_rng(2).normal(size=(5, 2))
    assert estimate(scores_RT, seed=4) == estimate(scores_RT, seed=4)
    assert estimate(scores_RT, seed=4) != estimate(scores_RT, seed=5)
