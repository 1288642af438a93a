"""What stages say they would take, against what they take."""

from __future__ import annotations

import pytest
import torch

from wmframe.data.replay import rows_on_disk
from wmframe.recipe import load_recipe
from wmframe.stages.loop.episodes import open_replay, to_device
from wmframe.stages.loop.estimate import parameter_counts
from wmframe.stages.run import run_recipe
from wmframe.training.checkpoint import load_extra, newest_checkpoint

ROW = 8 * 8 * 3 + 2 * 4 + 4 + 3
"""Bytes of the toy's row: image, action, reward, three flags."""


@pytest.fixture
def stage(recipe):
    """Builds the toy recipe's stage after some overrides."""

    def build(*overrides):
        return dict(load_recipe(recipe, overrides=overrides).stages)["train"].build()

    return build


def test_parameters_are_counted_by_part_and_once_in_all(stage):
    counts = stage("stages.train.agent.width=5").estimate().parameters
    body, policy = 8 * 8 * 3 * 5 + 5, 5 * 2 + 2
    assert counts == {"body.0": body, "body.2": 6, "policy": policy, "all": body + 6 + policy}


def test_what_parts_share_is_counted_once_in_all():
    one = torch.nn.Linear(3, 4)
    pair = torch.nn.ModuleDict({"a": one, "b": torch.nn.Sequential(one)})
    assert parameter_counts(pair) == {"a": 16, "b.0": 16, "all": 16}


def test_the_replay_grows_with_the_budget_up_to_its_capacity(stage):
    assert stage().estimate().disk == {"replay, at the end": 240 * ROW}
    full = stage("stages.train.env_steps=1_000_000", "stages.train.replay.capacity=100")
    assert full.estimate().disk == {"replay, at the end": rows_on_disk(100) * ROW}


def test_memory_is_what_a_run_holds(recipe, stage, tmp_path):
    built = stage()
    folder = run_recipe(recipe, runs=tmp_path).stages[-1].folder
    replay = open_replay(folder / "replay", built.config.replay, seed=0)
    replay.restore(load_extra(newest_checkpoint(folder))["replay"])
    batch = to_device(replay.sample(built.config.replay.batch, built.config.replay.length), "cpu")
    weights = 4 * built.estimate().parameters["all"]
    assert built.estimate().memory == {
        "weights and buffers": weights,
        "gradients and moments": 3 * weights,
        "a batch": sum(tensor.nbytes for tensor in batch.values()),
    }


def test_collecting_takes_disk_and_no_learner(recipe):
    text = recipe.read_text().split("[stages.train]")[0]
    collect = 'use = "collect"\nsuite = { use = "toy.line" }\nenv_steps = 50\n'
    recipe.write_text(f"{text}[stages.fill]\n{collect}")
    estimate = dict(load_recipe(recipe).stages)["fill"].build().estimate()
    assert (estimate.parameters, estimate.memory) == ({}, {})
    assert estimate.disk == {"replay, at the end": 25 * ROW}


def test_a_stage_that_says_nothing_takes_nothing_known(recipe):
    text = recipe.read_text()
    recipe.write_text(f'{text}\n[stages.judge]\nuse = "evaluate"\nsource = "stages.train"\n')
    estimate = dict(load_recipe(recipe).stages)["judge"].build().estimate()
    assert not (estimate.parameters or estimate.disk or estimate.memory)
