"""The online stage on a toy suite: schedules, repeatability, resuming."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from wmframe.errors import DivergedError, UsageError
from wmframe.stages.loop.schedule import Every, TrainSchedule
from wmframe.stages.run import run_recipe


def train(recipe, runs, *overrides, name="toy", **options):
    return run_recipe(recipe, overrides=overrides, name=name, runs=runs, **options).stages[-1]


def test_the_train_ratio_holds_exactly(recipe, tmp_path):
    stage = train(recipe, tmp_path)
    records = [json.loads(line) for line in (stage.folder / "metrics.jsonl").open()]
    last = records[-1]
    learned_from = 96 // 2  # the prefill, in agent steps
    late = (last["agent_steps"] - learned_from) * 0.5 + 3 - last["updates"]
    assert last["env_steps"] == 480
    assert last["agent_steps"] == 240
    assert 0 <= late < 2  # the last decisions' updates are due on the next turn


def test_worker_processes_change_no_figure(recipe, tmp_path, losses):
    serial = train(recipe, tmp_path, name="serial")
    parallel = train(recipe, tmp_path, "stages.train.processes=true", name="parallel")
    assert losses(serial.folder) == losses(parallel.folder)


def test_a_seed_fixes_the_run_and_another_changes_it(recipe, tmp_path, losses):
    one, same, other = (
        losses(train(recipe, tmp_path, f"seed={seed}", name=name).folder)
        for seed, name in ((1, "one"), (1, "same"), (2, "other"))
    )
    assert one == same
    assert one != other


def test_evaluating_more_often_changes_no_loss(recipe, tmp_path, losses):
    seldom = losses(train(recipe, tmp_path, name="seldom").folder)
    often = losses(train(recipe, tmp_path, "stages.train.evaluation.every=48", name="often").folder)
    assert seldom[0] == often[0]
    assert len(often[1]) > len(seldom[1])


def test_a_finished_run_ends_at_once_with_its_figures(recipe, tmp_path):
    first = train(recipe, tmp_path)
    before = (first.folder / "metrics.jsonl").read_text()
    again = train(recipe, tmp_path)
    assert dict(again.figures) == dict(first.figures)
    assert (first.folder / "metrics.jsonl").read_text() == before


def test_other_settings_are_refused_with_the_key_that_differs(recipe, tmp_path):
    train(recipe, tmp_path)
    with pytest.raises(UsageError, match=r"stages\.train\.agent\.lr"):
        train(recipe, tmp_path, "stages.train.agent.lr=0.5")


def test_a_diverging_learner_stops_the_run_and_keeps_its_checkpoints(recipe, tmp_path):
    with pytest.raises(DivergedError, match="diverged"):
        train(recipe, tmp_path, "stages.train.agent.lr=1e30")


CHILD = """
import sys
from pathlib import Path
from wmframe.stages.run import run_recipe
run_recipe(sys.argv[1], overrides=sys.argv[3:], name="toy", runs=Path(sys.argv[2]))
"""


@pytest.mark.parametrize("simulators", [1, 3])
def test_a_killed_run_goes_on_to_the_same_losses(recipe, tmp_path, losses, simulators):
    overrides = [
        "stages.train.env_steps=4000",
        "stages.train.log_every=36",  # not a divisor of the checkpoints' period
        f"stages.train.simulators={simulators}",
    ]
    whole = train(recipe, tmp_path / "whole", *overrides)
    command = [sys.executable, "-c", CHILD, str(recipe), str(tmp_path / "broken"), *overrides]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    checkpoints = tmp_path / "broken" / "toy" / "train" / "checkpoints"
    while child.poll() is None and len(list(checkpoints.glob("step_*"))) < 2:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL  # it was still at work
    resumed = train(recipe, tmp_path / "broken", *overrides)
    assert losses(resumed.folder) == losses(whole.folder)
    assert resumed.figures["eval/return_mean"] == whole.figures["eval/return_mean"]


def test_every_is_due_once_per_period():
    every = Every(10)
    assert [count for count in range(0, 45, 3) if every.due(count)] == [12, 21, 30, 42]
    assert not Every.after(10, 42).due(49)
    assert not Every(0).due(1000)


def test_updates_due_follow_the_ratio_from_where_learning_began():
    schedule = TrainSchedule(ratio=0.2, pretrain=100, since=1000)
    assert schedule.due(1000, 0) == 100
    assert schedule.due(1009, 100) == 1
    assert schedule.due(1010, 101) == 1
