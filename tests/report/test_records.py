"""Records are read as they were written, damage and repetition included."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.errors import MissingError
from wmframe.report.plots import running_mean, thin
from wmframe.report.records import Curve, by_stage, curve, last_figures, load_metrics, metric_names
from wmframe.tracking.jsonl import JsonlTracker
from wmframe.types import Counters


def test_stages_come_in_the_order_they_ran(run):
    assert list(by_stage(load_metrics(run))) == ["pretrain", "finetune"]


def test_a_stage_alone_can_be_read(run):
    assert list(by_stage(load_metrics(run / "finetune"))) == ["finetune"]


def test_a_folder_without_metrics_is_named(tmp_path):
    with pytest.raises(MissingError, match="holds no metrics"):
        load_metrics(tmp_path)


def test_a_curve_follows_any_counter(run):
    records = load_metrics(run)
    x, y = curve(records, "eval/return_mean", "updates")
    assert x.tolist() == [0, 100, 200, 300, 400]
    assert y.tolist() == [0, 1, 2, 3, 4]
    assert curve(records, "no/such").x.shape == (0,)


def test_damaged_lines_are_passed_over(run):
    path = run / "finetune" / "metrics.jsonl"
    before = len(load_metrics(run))
    path.write_bytes(b"\x00\x00\n[1]\n" + path.read_bytes() + b'{"stage": "fine')
    assert len(load_metrics(run)) == before


def test_what_was_recorded_twice_counts_once(tmp_path):
    tracker = JsonlTracker(folder=tmp_path, stage="judge")
    tracker.scalars(Counters(env_steps=9), {"eval/return_mean": 1.0})
    tracker.scalars(Counters(env_steps=9), {"eval/return_mean": 2.0})
    tracker.scalars(Counters(env_steps=9), {"train/kl_loss": 3.0})
    tracker.close()
    records = load_metrics(tmp_path)
    assert curve(records, "eval/return_mean").y.tolist() == [2.0]
    assert curve(records, "train/kl_loss").y.tolist() == [3.0]


def test_values_that_were_not_finite_are_left_out(tmp_path):
    tracker = JsonlTracker(folder=tmp_path, stage="rl")
    for step, value in enumerate([1.0, float("nan"), 3.0]):
        tracker.scalars(Counters(env_steps=step), {"train/kl_loss": value})
    tracker.close()
    assert curve(load_metrics(tmp_path), "train/kl_loss").x.tolist() == [0, 2]


def test_last_figures_and_names(run):
    records = by_stage(load_metrics(run))["finetune"]
    assert last_figures(records)["train/kl_loss"] == 0.0
    assert metric_names(records, "train") == ["train/kl_loss"]


def test_running_mean_covers_what_there_is():
    means = running_mean(np.array([1.0, 2.0, 3.0, 4.0]), width=2)
    assert means.tolist() == [1.0, 1.5, 2.5, 3.5]


def test_thinning_keeps_the_mean_and_bounds_the_points():
    line = thin(Curve(np.arange(1000.0), np.arange(1000.0)), points=10)
    assert len(line.x) == 10
    assert line.y.mean() == pytest.approx(499.5)
