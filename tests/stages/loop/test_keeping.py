"""Checkpoints hold what is worth going on from; what was recorded is recorded once."""

from __future__ import annotations

import json
import sys
from collections import Counter

import pytest
import torch

from wmframe.errors import DivergedError
from wmframe.stages.online import OnlineRun
from wmframe.stages.run import run_recipe
from wmframe.training.checkpoint import newest_checkpoint, read_weights, verify

DIVERGES = (
    "stages.train.log_every=100000",
    "stages.train.evaluation.every=0",
    "stages.train.checkpoint.every=24",
)


def train(recipe, runs, *overrides):
    return run_recipe(recipe, overrides=overrides, runs=runs)


def finite(folder):
    return all(torch.isfinite(value).all() for value in read_weights(folder).values())


def test_a_learner_that_diverges_between_two_records_spoils_no_checkpoint(
    recipe, tmp_path, monkeypatch
):
    update = OnlineRun.update

    def spoiled(self):
        update(self)
        if self.counters.updates == 40:
            with torch.no_grad():
                self.learner.policy.weight[0, 0] = float("nan")

    monkeypatch.setattr(OnlineRun, "update", spoiled)
    with pytest.raises(DivergedError, match="the last good checkpoint is ") as caught:
        train(recipe, tmp_path, *DIVERGES)
    stage = tmp_path / "toy" / "train"
    good = newest_checkpoint(stage)
    assert good.name in caught.value.message
    assert len(list((stage / "checkpoints").iterdir())) == 2
    for path in (stage / "checkpoints").iterdir():
        verify(path)
        assert finite(path)


def test_a_learning_rate_far_too_large_leaves_finite_checkpoints_or_none(recipe, tmp_path):
    with pytest.raises(DivergedError, match=r"the last good checkpoint is|no checkpoint was saved"):
        train(recipe, tmp_path, "stages.train.agent.lr=1e30", *DIVERGES)
    for path in (tmp_path / "toy" / "train" / "checkpoints").glob("*"):
        assert finite(path)


def test_losses_that_are_not_finite_spoil_none_either(recipe, tmp_path, monkeypatch):
    update = OnlineRun.update

    def spoiled(self):
        update(self)
        if self.counters.updates == 40:
            self.meters.add({"model_loss": torch.tensor(float("inf"))})

    monkeypatch.setattr(OnlineRun, "update", spoiled)
    with pytest.raises(DivergedError, match="train/model_loss"):
        train(recipe, tmp_path, *DIVERGES)


def test_infinities_that_a_learner_is_born_with_are_its_own_business(recipe, tmp_path, monkeypatch):
    train(recipe, tmp_path / "first", "stages.train.env_steps=120")  # imports the toy's module
    born = sys.modules["toy"].ToyAgent.__init__

    def born_with_one(self, *arguments, **settings):
        born(self, *arguments, **settings)
        self.register_buffer("lowest", torch.tensor(float("inf")))

    monkeypatch.setattr(sys.modules["toy"].ToyAgent, "__init__", born_with_one)
    train(recipe, tmp_path)


def records(stage):
    lines = (stage / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_an_evaluation_that_is_run_again_is_recorded_once(recipe, tmp_path):
    with recipe.open("a") as file:
        file.write('\n[stages.judge]\nuse = "evaluate"\nsource = "stages.train"\n')
        file.write("episodes = 1\nprocesses = false\n")
    for _ in range(2):
        train(recipe, tmp_path)
    assert len(records(tmp_path / "toy" / "judge")) == 1


@pytest.mark.parametrize("length", [2, 3, 5])
def test_windows_shorter_than_the_frames_that_a_prediction_sees_are_judged(
    recipe, tmp_path, length
):
    short = f"{{batch=4,length={length},min_length=2,max_length=6}}"
    train(recipe, tmp_path, f"stages.train.replay={short}")
    assert list((tmp_path / "toy" / "train" / "videos").glob("open_loop_*.png"))


def test_no_figure_is_recorded_twice(recipe, tmp_path):
    train(recipe, tmp_path)
    seen = Counter()
    for record in records(tmp_path / "toy" / "train"):
        counters = tuple(record[n] for n in ("env_steps", "agent_steps", "updates", "episodes"))
        seen.update((counters, name) for name in record if "/" in name)
    assert max(seen.values()) == 1
