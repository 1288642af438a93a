"""The hub passes everything on, and one tracker's failure stays its own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from wmframe.interfaces.tracker import Tracker
from wmframe.tracking.hub import TrackerHub
from wmframe.tracking.jsonl import JsonlTracker
from wmframe.types import Counters


class Witness(Tracker):
    """Notes what it is told."""

    def __init__(self):
        self.heard = []

    def start(self, counters, budget):
        self.heard.append(("start", counters, budget))

    def scalars(self, counters, values):
        self.heard.append(("scalars", counters, dict(values)))

    def video(self, counters, name, frames_THWC, fps=20):
        self.heard.append(("video", name, frames_THWC.shape))

    def close(self):
        self.heard.append(("close",))


class Broken(Witness):
    """Raises on every record."""

    def scalars(self, counters, values):
        super().scalars(counters, values)
        raise RuntimeError("out of paper")


def test_every_tracker_hears_everything(tmp_path):
    witness = Witness()
    hub = TrackerHub([witness], folder=tmp_path, stage="rl")
    hub.start(Counters(env_steps=4), Counters(env_steps=9))
    hub.scalars(Counters(), {"x": 1})
    hub.video(Counters(), "clip", np.zeros((2, 8, 8, 3), np.uint8))
    hub.close()
    assert [entry[0] for entry in witness.heard] == ["start", "scalars", "video", "close"]
    assert witness.heard[0][2] == Counters(env_steps=9)


def test_metrics_and_videos_are_written_without_being_asked_for(tmp_path):
    hub = TrackerHub(folder=tmp_path, stage="rl")
    hub.scalars(Counters(env_steps=7), {"x": 1.0})
    hub.video(Counters(env_steps=7), "eval/policy", np.zeros((2, 8, 8, 3), np.uint8))
    hub.close()
    assert json.loads((tmp_path / "metrics.jsonl").read_text())["x"] == 1.0
    assert [path.name for path in (tmp_path / "videos").iterdir()] == ["eval_policy_000000007.mp4"]


def test_a_recipe_that_names_jsonl_does_not_get_records_twice(tmp_path):
    named = JsonlTracker(folder=tmp_path, stage="rl")
    hub = TrackerHub([named], folder=tmp_path, stage="rl")
    hub.scalars(Counters(), {"x": 1.0})
    hub.close()
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 1


def test_a_tracker_that_raises_is_switched_off_with_one_warning(tmp_path):
    broken, witness = Broken(), Witness()
    hub = TrackerHub([broken, witness], folder=tmp_path, stage="rl")
    with pytest.warns(RuntimeWarning, match="Broken failed.*out of paper"):
        hub.scalars(Counters(), {"x": 1.0})
    hub.scalars(Counters(), {"x": 2.0})
    assert len(broken.heard) == 1
    assert len(witness.heard) == 2


def test_an_essential_tracker_that_raises_stops_the_run(tmp_path):
    broken = Broken()
    broken.essential = True
    with pytest.raises(RuntimeError, match="out of paper"):
        TrackerHub([broken], folder=tmp_path, stage="rl").scalars(Counters(), {"x": 1.0})


def test_plugins_are_told_of_records_with_counters(tmp_path):
    told = []
    emit = lambda event, **content: told.append((event, content))  # noqa: E731
    hub = TrackerHub(folder=tmp_path, stage="rl", emit=emit)
    hub.scalars(Counters(4, 3, 2, 1), {"x": np.float32(0.5)})
    ((event, content),) = told
    assert (event, content["stage"]) == ("metrics", "rl")
    assert content["record"] == {
        "env_steps": 4,
        "agent_steps": 3,
        "updates": 2,
        "episodes": 1,
        "x": 0.5,
    }
