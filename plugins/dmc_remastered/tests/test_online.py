"""A tiny DreamerV2 learns in these tasks and is judged on other looks, from a recipe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wmframe.recipe import load_recipe
from wmframe.stages.run import run_recipe

pytest.importorskip("wmframe_dreamerv2")

BASE = Path(__file__).parents[3] / "recipes" / "base" / "dmc_remastered.toml"
RECIPE = f"""
extends = "{BASE}"
name = "tiny"
device = "cpu"
trackers = []

[stages.train]
env_steps = 40
prefill = 20
pretrain = 1
train_ratio = 0.1
log_every = 10
processes = false
replay = {{ batch = 2, length = 6, min_length = 6, max_length = 6 }}
evaluation = {{ every = 40, episodes = 1 }}
checkpoint = {{ every = 20 }}

[stages.train.suite]
task = "cartpole-balance"
assets = "procedural"
render = "fast"
train_seeds = "1..5"
test_seeds = [0, -1]
time_limit = 20

[stages.train.agent]
use = "dreamerv2.agent"
encoder = {{ depth = 2 }}
decoder = {{ depth = 2 }}
dynamics = {{ hidden = 8, deter = 8, stoch = 2, discrete = 2 }}
heads.reward = {{ layers = 1, units = 8 }}
behavior.horizon = 3
behavior.actor = {{ layers = 1, units = 8 }}
behavior.critic = {{ layers = 1, units = 8 }}
"""


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE)
    return path


@pytest.mark.gl
def test_an_agent_learns_and_is_judged_and_the_lock_names_the_textures(recipe, tmp_path):
    [stage] = run_recipe(recipe, runs=tmp_path).stages
    records = [json.loads(line) for line in (stage.folder / "metrics.jsonl").open()]
    assert any(0 <= record.get("eval/return_mean", -1) <= 20 for record in records)
    assert any("train/model_loss" in record for record in records)
    lock = json.loads((stage.folder.parent / "lock.json").read_text())
    assert '"assets": "procedural"' in json.dumps(lock)


def test_the_base_recipe_is_contextwms_protocol(tmp_path):
    path = tmp_path / "whole.toml"
    path.write_text(f'extends = "{BASE}"\n[stages.train]\nagent = {{ use = "dreamerv2.agent" }}')
    stage = dict(load_recipe(path).stages)["train"].config
    suite = stage.suite.config
    assert (suite.train_seeds, suite.test_seeds) == ("1..1000000", "1..1000000")
    assert (suite.dynamics_seeds, suite.action_repeat) == ("1..100000", 2)
    assert (stage.evaluation.episodes, stage.replay.prioritize_ends) == (10, False)
