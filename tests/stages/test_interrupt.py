"""A run of real parts by the real command line, killed in the middle and started again."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from wmframe.data.replay import load_episodes
from wmframe.training.checkpoint import UNFINISHED, load_extra, newest_checkpoint

BUDGET, EPISODE, CHECKPOINT = 800, 50, 125
KILL_AFTER = 300
"""Between two checkpoints, one episode after the last."""

SMALLER = {
    "stages.train.env_steps": BUDGET,
    "stages.train.prefill": 100,
    "stages.train.pretrain": 2,
    "stages.train.simulators": 1,
    "stages.train.processes": "false",
    "stages.train.log_every": 20,
    "stages.train.suite.time_limit": EPISODE,
    "stages.train.replay.batch": 2,
    "stages.train.replay.length": 8,
    "stages.train.evaluation.every": 0,
    "stages.train.evaluation.episodes": 1,
    "stages.train.checkpoint.every": CHECKPOINT,
    "stages.train.agent.encoder.depth": 4,
    "stages.train.agent.decoder.depth": 4,
    "stages.train.agent.dynamics.hidden": 16,
    "stages.train.agent.dynamics.deter": 16,
    "stages.train.agent.behavior.horizon": 3,
}

VIDEO = {
    "stages.pretrain.videos": '[{use="metaworld.demonstrations",tasks=["reach","push"],'
    "episodes=2,held_out=1,frames=16}]",
    "stages.pretrain.updates": 60,
    "stages.pretrain.batch": 2,
    "stages.pretrain.length": 6,
    "stages.pretrain.log_every": 7,
    "stages.pretrain.evaluation": "{every=30,batches=1,observed=2}",
    "stages.pretrain.checkpoint.every": 13,
    "stages.train.env_steps": 160,
    "stages.train.prefill": 60,
    "stages.train.pretrain": 2,
    "stages.train.simulators": 1,
    "stages.train.processes": "false",
    "stages.train.log_every": 20,
    "stages.train.suite.time_limit": 40,
    "stages.train.replay": "{batch=2,length=8,min_length=8,max_length=8}",
    "stages.train.evaluation": "{every=0,episodes=1}",
    "stages.train.checkpoint.every": 25,
    "stages.train.agent.behavior.horizon": 3,
}
"""Of the recipe that learns from videos first."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.gl,
    pytest.mark.skipif(
        not all(map(importlib.util.find_spec, ("metaworld", "wmframe_metaworld"))),
        reason="needs the plugin and package metaworld",
    ),
]


@pytest.fixture
def start(tmp_path):
    """Starts ``wmframe run`` in a process of its own; the same command goes on with the run."""
    code = "from wmframe.cli import main; main()"
    env = {**os.environ, "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(recipe, smaller, name="x"):
        words = ["run", recipe, "-p", "quick", "--name", name, "--runs", str(tmp_path)]
        for key, value in {"threads": 1, **smaller}.items():
            words += ["--set", f"{key}={value}"]
        command = [sys.executable, "-c", code, *words]
        return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)

    return run


def records(stage: Path) -> list[dict[str, float]]:
    """What was recorded, without a line that is being written."""
    file = stage / "metrics.jsonl"
    lines = file.read_text().splitlines(keepends=True) if file.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def episodes(stage: Path) -> dict[int, dict[str, np.ndarray]]:
    """The complete episodes by number."""
    return {episode.number: episode.data for episode in load_episodes(stage / "replay")}


def kill_in_the_middle(
    child: subprocess.Popen[bytes], stage: Path, counter: str = "env_steps", after: int = KILL_AFTER
) -> None:
    """Let a stage come past a count, then end the run as a machine that fails would."""
    while child.poll() is None and not any(r[counter] > after for r in records(stage)):
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL  # it was still at work


def test_a_killed_run_goes_on_from_its_last_checkpoint_and_loses_no_episode(start, tmp_path):
    stage = tmp_path / "x" / "train"
    kill_in_the_middle(start("dreamerv2_metaworld", SMALLER), stage)
    saved = load_extra(newest_checkpoint(stage))["counters"]["env_steps"]
    kept, before = episodes(stage), records(stage)
    assert saved >= KILL_AFTER - KILL_AFTER % CHECKPOINT
    assert len(kept) >= KILL_AFTER // EPISODE

    assert start("dreamerv2_metaworld", SMALLER).wait() == 0
    after, whole = records(stage), episodes(stage)
    settled = [record for record in before if record["env_steps"] <= saved]
    assert after[: len(settled)] == settled  # to the second: what was done was not done again
    assert after[len(settled)]["env_steps"] > saved
    assert after[-1]["env_steps"] == BUDGET
    assert sorted(whole) == list(range(BUDGET // EPISODE))
    for number, data in kept.items():
        assert all(np.array_equal(data[key], whole[number][key]) for key in data)
    left = [path for path in (tmp_path / "x").rglob("*") if unfinished(path)]
    assert left == []


def test_videos_then_an_agent_each_killed_end_as_if_they_had_not_been(start, tmp_path):
    recipe, broken = "contextwm_metaworld", tmp_path / "broken"
    whole = start(recipe, VIDEO, "whole")
    for stage, counter, after in (("pretrain", "updates", 30), ("train", "env_steps", 90)):
        kill_in_the_middle(start(recipe, VIDEO, "broken"), broken / stage, counter, after)
    assert start(recipe, VIDEO, "broken").wait() == 0
    assert whole.wait() == 0
    for stage in ("pretrain", "train"):
        assert figures(broken / stage) == figures(tmp_path / "whole" / stage)


def figures(stage: Path) -> list[dict[str, float]]:
    """What was recorded, without what depends on the clock."""
    timed = ("time", "rate/")
    return [{k: v for k, v in r.items() if not k.startswith(timed)} for r in records(stage)]


def unfinished(path: Path) -> bool:
    """Whether a name is of something that was being written."""
    return path.suffix == ".tmp" or path.name.startswith(UNFINISHED)
