"""The recipe for Atari: the paper's settings, and a tiny run of its quick profile."""

from __future__ import annotations

import json

import pytest

from wmframe.recipe import load_recipe
from wmframe.stages.run import run_recipe

pytest.importorskip("wmframe_dreamerv2")

RECIPE = "recipes/dreamerv2_atari.toml"
TINY = """
device="cpu"  threads=1  trackers=[]
train.processes=false  train.env_steps=480  train.prefill=240  train.pretrain=1
train.train_ratio=0.05  train.log_every=80  train.simulators=2
train.suite.time_limit=120
train.replay.batch=2  train.replay.length=8  train.replay.min_length=8  train.replay.max_length=8
train.evaluation.every=0  train.evaluation.episodes=1
train.checkpoint.every=240
train.agent.encoder.depth=4  train.agent.decoder.depth=4
train.agent.dynamics.hidden=8  train.agent.dynamics.deter=8
train.agent.dynamics.stoch=4  train.agent.dynamics.discrete=4
train.agent.behavior.horizon=3
""".replace("train.", "stages.train.").split()


@pytest.fixture
def train():
    return dict(load_recipe(RECIPE).stages)["train"].config


def test_it_has_the_settings_of_table_d1(train):
    agent = train.agent.config
    assert (train.replay.capacity, train.replay.batch, train.replay.length) == (2_000_000, 50, 50)
    assert agent.dynamics.config.deter == 600 and agent.loss_scales["kl"] == 0.1
    assert (agent.discount, agent.rewards.transform) == (0.995, "tanh")
    behavior = agent.behavior.config
    assert (behavior.gradient, behavior.entropy_scale) == ("reinforce", 1e-3)
    assert train.env_steps == 200_000_000
    assert train.suite.config.action_repeat / train.train_ratio == 16  # frames an update


def test_the_released_code_updates_a_quarter_as_often():
    released = dict(load_recipe(RECIPE, profile="released").stages)["train"].config
    assert 1 / released.train_ratio == 16  # decisions an update
    assert (released.replay.batch, released.agent.config.discount) == (16, 0.999)
    assert released.suite.config.actions == "minimal"


def test_weights_decay_by_a_millionth_an_update(train):
    agent = train.agent.config
    behavior = agent.behavior.config
    optimizers = agent.optimizers["model"], behavior.actor_optimizer, behavior.critic_optimizer
    assert [optimizer.config.lr for optimizer in optimizers] == [2e-4, 4e-5, 1e-4]
    for optimizer in optimizers:
        assert optimizer.use == "wmframe.adamw"
        assert optimizer.config.lr * optimizer.config.weight_decay == pytest.approx(1e-6)


def test_the_quick_profile_learns_evaluates_and_saves_with_the_real_game(tmp_path):
    run = run_recipe(RECIPE, profile="quick", overrides=TINY, runs=tmp_path)
    folder = run.stages[-1].folder
    records = [json.loads(line) for line in (folder / "metrics.jsonl").open()]
    judged = [record for record in records if "eval/return_mean" in record]
    assert records[-1]["env_steps"] == 480 and records[-1]["agent_steps"] == 120
    assert records[-1]["updates"] >= 3
    assert any("train/discount_loss" in record for record in records)
    assert judged[-1]["eval/length_mean"] == 30
    assert 0.5 < judged[-1]["eval/human_normalized_mean"] < 0.7
    assert (folder / "checkpoints").is_dir()
