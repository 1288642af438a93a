"""Whole runs: wall time, and shares of it out of the run's own records."""

from __future__ import annotations

import json

import pytest

from wmframe.bench.whole import as_shares, measure_run, stage_times
from wmframe.errors import WmframeError


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_shares_are_weighed_by_the_time_that_they_are_of(tmp_path):
    records = [
        {"time": 100.0, "time/share_data": 0.9},
        {"time": 101.0, "eval/return_mean": 1.0},
        {"time": 110.0, "time/share_data": 0.5, "time/share_other": 0.5},
        {"time": 140.0, "time/share_data": 0.1, "time/share_other": 0.9},
    ]
    times = stage_times(write(tmp_path / "metrics.jsonl", records))
    assert times == pytest.approx({"seconds": 40.0, "data": 8.0, "other": 32.0})
    assert as_shares(times) == {"shares": {"data": 0.2, "other": 0.8}}


def test_without_two_records_there_are_no_shares(tmp_path):
    assert stage_times(tmp_path / "absent") == {}
    assert stage_times(write(tmp_path / "a", [{"time": 1.0, "time/share_data": 1.0}])) == {}


def test_a_line_for_the_run_and_for_each_stage_that_learns(recipe):
    whole, train = measure_run(recipe, "wide", ["seed=3"], rounds=1)
    assert (whole["case"], train["case"]) == ("toy:wide", "toy:wide train")
    assert whole["median"] > train["median"] > 0
    assert train["overrides"] == ["seed=3"]
    assert train["machine"]["device"] == "cpu"
    assert "shares" not in whole
    assert set(train["shares"]) == {"simulator", "data", "learner", "other"}
    assert sum(train["shares"].values()) == pytest.approx(1, abs=0.01)


def test_a_run_that_fails_says_why(recipe):
    with pytest.raises(WmframeError, match=r"the run failed:\s.*no folder absent"):
        list(measure_run(recipe, None, ["stages.train.init=absent"], 1))
