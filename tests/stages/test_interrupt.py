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
    "threads": 1,
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
    words = ["run", "dreamerv2_metaworld", "-p", "quick", "--name", "x", "--runs", str(tmp_path)]
    for key, value in SMALLER.items():
        words += ["--set", f"{key}={value}"]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}

    def run():
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


def kill_in_the_middle(child: subprocess.Popen[bytes], stage: Path) -> None:
    """Let a run come past ``KILL_AFTER``, then end it as a machine that fails would."""
    while child.poll() is None and not any(r["env_steps"] > KILL_AFTER for r in records(stage)):
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL  # it was still at work


def test_a_killed_run_goes_on_from_its_last_checkpoint_and_loses_no_episode(start, tmp_path):
    stage = tmp_path / "x" / "train"
    kill_in_the_middle(start(), stage)
    saved = load_extra(newest_checkpoint(stage))["counters"]["env_steps"]
    kept, before = episodes(stage), records(stage)
    assert saved >= KILL_AFTER - KILL_AFTER % CHECKPOINT
    assert len(kept) >= KILL_AFTER // EPISODE

    assert start().wait() == 0
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


def unfinished(path: Path) -> bool:
    """Whether a name is of something that was being written."""
    return path.suffix == ".tmp" or path.name.startswith(UNFINISHED)
