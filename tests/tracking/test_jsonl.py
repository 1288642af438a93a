"""metrics.jsonl: what is written, and what survives a kill."""

from __future__ import annotations

import json

import pytest

from wmframe.errors import WmframeError
from wmframe.tracking.jsonl import JsonlTracker
from wmframe.types import Counters

BUDGET = Counters(env_steps=100)


def lines(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture
def tracker(tmp_path):
    tracker = JsonlTracker(folder=tmp_path, stage="finetune")
    yield tracker
    tracker.close()


def test_a_record_carries_stage_time_all_counters_and_values(tracker, tmp_path):
    tracker.scalars(Counters(8, 4, 2, 1), {"train/loss": 0.5})
    (record,) = lines(tmp_path)
    assert record.pop("time") > 1.7e9
    assert record == {
        "stage": "finetune",
        "env_steps": 8,
        "agent_steps": 4,
        "updates": 2,
        "episodes": 1,
        "train/loss": 0.5,
    }


def test_a_record_is_on_disk_before_the_file_is_closed(tracker, tmp_path):
    tracker.scalars(Counters(), {"train/loss": 0.5})
    assert len(lines(tmp_path)) == 1


def test_values_that_are_not_finite_are_null_and_named(tracker, tmp_path):
    values = {"a": float("nan"), "b": float("inf"), "c": float("-inf"), "d": 1.0}
    tracker.scalars(Counters(), values)
    (record,) = lines(tmp_path)
    assert [record[name] for name in "abcd"] == [None, None, None, 1.0]
    assert record["nonfinite"] == {"a": "nan", "b": "inf", "c": "-inf"}


def test_a_stage_that_begins_anew_keeps_no_record_not_even_one_of_its_very_beginning(
    tracker, tmp_path
):
    tracker.scalars(Counters(), {"heldout/psnr": 20.0})
    tracker.start(Counters(), BUDGET)
    assert lines(tmp_path) == []


def test_a_line_torn_by_a_kill_is_cut_off_on_reopening(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"env_steps": 1}\n{"env_st')
    tracker = JsonlTracker(folder=tmp_path, stage="finetune")
    tracker.scalars(Counters(env_steps=2), {})
    tracker.close()
    assert [record["env_steps"] for record in lines(tmp_path)] == [1, 2]


def test_a_file_that_holds_nothing_but_a_torn_line_becomes_empty(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"env_st')
    JsonlTracker(folder=tmp_path, stage="finetune").close()
    assert (tmp_path / "metrics.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("resumed", "kept"),
    [
        (Counters(20, 10, 5, 2), [10, 20]),
        (Counters(20, 10, 4, 2), [10]),  # updates alone are beyond
        (Counters(), []),
        (Counters(99, 99, 99, 99), [10, 20, 30]),
    ],
)
def test_resuming_drops_the_records_beyond_the_counters(tracker, tmp_path, resumed, kept):
    for step in (10, 20, 30):
        tracker.scalars(Counters(step, step // 2, step // 4, step // 10), {"x": 1.0})
    tracker.start(resumed, BUDGET)
    assert [record["env_steps"] for record in lines(tmp_path)] == kept


def test_records_after_resuming_follow_those_that_were_kept(tracker, tmp_path):
    tracker.scalars(Counters(env_steps=10), {})
    tracker.scalars(Counters(env_steps=20), {})
    tracker.start(Counters(env_steps=10), BUDGET)
    tracker.scalars(Counters(env_steps=15), {})
    assert [record["env_steps"] for record in lines(tmp_path)] == [10, 15]


def test_a_damaged_line_does_not_hide_the_records_beyond(tracker, tmp_path):
    (tmp_path / "metrics.jsonl").write_text(
        'rubbish\n{"env_steps": 9, "agent_steps": 0, "updates": 0, "episodes": 0}\n'
    )
    tracker.start(Counters(env_steps=5), BUDGET)
    assert (tmp_path / "metrics.jsonl").read_text() == "rubbish\n"


def test_a_full_disk_is_an_error_with_a_hint(tracker, monkeypatch):
    class Full:
        def write(self, _):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    monkeypatch.setattr(tracker, "_file", Full())
    with pytest.raises(WmframeError, match="No space left") as caught:
        tracker.scalars(Counters(), {"x": 1.0})
    assert "run the same command again" in caught.value.hint
