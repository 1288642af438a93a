"""From a dataset's folder to stages of a run: packed, learnt from, and as a replay."""

from __future__ import annotations

from functools import partial

import pytest

from support.commands import command
from wmframe.data.replay import load_episodes
from wmframe.errors import DamagedError
from wmframe.stages.run import run_recipe
from wmframe.testing.datasets import check_learning
from wmframe_lerobot.stage import ReplayStage

HEAD = """
name = "robot"
device = "cpu"
trackers = []
"""

REPLAY = """
[stages.demonstrations]
use = "lerobot.replay"
root = "{root}"
size = 16
"""


@pytest.fixture
def wmframe(capsys):
    """Runs ``wmframe WORDS`` in this process: its exit code, output and errors."""
    return partial(command, capsys)


def run(tmp_path, stages, *overrides):
    recipe = tmp_path / "robot.toml"
    recipe.write_text(HEAD + stages)
    return run_recipe(
        recipe, overrides=overrides, name="x", runs=tmp_path / "runs", allow_changes=True
    ).stages[0]


def test_a_dataset_is_packed_inspected_and_learnt_from(write, change, wmframe, tmp_path):
    root, shards = write("v3.0"), tmp_path / "shards"
    change(root, splits={"train": "0:2", "val": "2:3"})
    options = ("--root", root, "--out", shards, "--processes", 1, "--size", 16)
    assert wmframe("videos", "pack", "lerobot", *options, "--set", "camera=all").code == 0
    shown = wmframe("videos", "inspect", shards).out
    assert "4; 0 bad ones" in shown
    assert "all of it is here" in shown
    assert "lift the cube (2)" in shown
    assert "push the T (2)" in shown
    check_learning("lerobot", shards, tmp_path)


def replayed(stage):
    return [episode.number for episode in load_episodes(stage.folder / "replay")]


def test_the_stage_fills_a_replay_once(write, tmp_path):
    root = write("v3.0")
    stage = run(tmp_path, REPLAY.format(root=root))
    assert replayed(stage) == [0, 1, 2]
    assert stage.figures["replay/steps"] == 26
    assert stage.figures["episode/return"] == sum(range(13))
    index = (stage.folder / "replay" / "index.json").read_bytes()
    again = run(tmp_path, REPLAY.format(root=root))
    assert (again.folder / "replay" / "index.json").read_bytes() == index
    assert again.figures == {"replay/steps": 26, "replay/episodes": 3}


def test_a_killed_stage_goes_on_behind_its_complete_episodes(write, tmp_path, monkeypatch):
    stages = REPLAY.format(root=write("v2.1"))
    add, added = ReplayStage._add, []

    def killed(self, reader, entry, replay, figures):
        added.append(entry.index)
        if entry.index == 2 and added.count(2) == 1:
            raise KeyboardInterrupt
        return add(self, reader, entry, replay, figures)

    monkeypatch.setattr(ReplayStage, "_add", killed)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stages)
    assert replayed(run(tmp_path, stages)) == [0, 1, 2]
    assert added == [0, 1, 2, 2]


def test_a_damaged_episode_stops_the_stage_or_is_left_out(write, tmp_path):
    root = write("v2.0")
    sorted(root.glob("videos/*/observation.images.top/*.mp4"))[1].write_bytes(b"no video")
    stages = REPLAY.format(root=root)
    with pytest.raises(DamagedError, match=r"episode 1 of(.|\n)*FFmpeg(.|\n)*damaged = \"skip\""):
        run(tmp_path, stages)
    with pytest.warns(UserWarning, match="episode 1 of .* is left out"):
        stage = run(tmp_path, stages, 'stages.demonstrations.damaged="skip"')
    assert replayed(stage) == [0, 2]


def test_settings_of_the_stage_reach_the_rows(write, tmp_path):
    stages = REPLAY.format(root=write("v3.0"))
    settings = 'camera = "wrist"\naction_low = [0]\naction_high = [200.0]\nterminal = "never"\n'
    stage = run(tmp_path, stages + settings)
    (first, *_) = load_episodes(stage.folder / "replay")
    assert first.data["action"][-1, 0] == 0
    assert first.data["image"][0, 0, 0, 0] < 45  # the wrist's camera is the darker one
    assert not first.data["is_terminal"].any()
