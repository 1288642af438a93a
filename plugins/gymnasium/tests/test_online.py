"""A tiny DreamerV2 learns in environments of this suite, named by a recipe alone."""

from __future__ import annotations

import json

import pytest

from wmframe.stages.run import run_recipe

pytest.importorskip("wmframe_dreamerv2")

RECIPE = """
name = "tiny"
device = "cpu"
trackers = []

[stages.train]
use = "online"
env_steps = 40
prefill = 20
pretrain = 1
train_ratio = 0.1
log_every = 10
processes = {processes}
replay = {{ batch = 2, length = 6, min_length = 6, max_length = 6 }}
evaluation = {{ every = 40, episodes = 1 }}
checkpoint = {{ every = 20 }}

[stages.train.suite]
use = "gymnasium"
time_limit = 10
{suite}

[stages.train.agent]
use = "dreamerv2.agent"
encoder = {{ depth = 2, {keys} vector_layers = [8] }}
decoder = {{ depth = 2, {keys} vector_layers = [8] }}
dynamics = {{ hidden = 8, deter = 8, stoch = 2, discrete = 2 }}
heads.reward = {{ layers = 1, units = 8 }}
behavior.horizon = 3
behavior.actor = {{ layers = 1, units = 8 }}
behavior.critic = {{ layers = 1, units = 8 }}
"""
VECTORS = 'image_keys = "$^", vector_keys = ".*",'
BOTH = 'vector_keys = ".*",'
CASES = {
    "toy from pixels": ("gymnasium_toys", 'id = "gymnasium_toys:Dial-v0"', ""),
    "toy from vectors": (
        "gymnasium_toys",
        'id = "gymnasium_toys:Dial-v0"\npixels = "none"\nkwargs = { acted = "box" }',
        VECTORS,
    ),
    "toy with cameras": (
        "gymnasium_toys",
        'id = "gymnasium_toys:Dial-v0"\npixels = "observation"\n'
        'kwargs = { observed = "cameras", acted = "whole" }',
        'image_keys = ".*",',
    ),
    "toy with mixed actions": (
        "gymnasium_toys",
        'id = "gymnasium_toys:Dial-v0"\npixels = "none"\nkwargs = { acted = "mixed" }',
        VECTORS,
    ),
    "cartpole from vectors": ("gymnasium", 'id = "CartPole-v1"\npixels = "none"', VECTORS),
    "minigrid": (
        "minigrid",
        'id = "minigrid:MiniGrid-Empty-5x5-v0"\n'
        'wrappers = ["minigrid.wrappers:RGBImgPartialObsWrapper"]\nvectors = true',
        BOTH,
    ),
    "crafter": (
        "crafter",
        'id = "crafter:Env"\nkwargs = { area = [32, 32] }\n'
        'scores = { "achievements/collect_wood" = "ever" }',
        "",
    ),
    "robot": (
        "gymnasium_robotics",
        'id = "gymnasium_robotics:FetchReach-v4"\nvectors = true\n'
        'kwargs = { width = 64, height = 64 }\nscores = { success = "max" }',
        BOTH,
    ),
}


def write(folder, suite, keys):
    path = folder / "tiny.toml"
    processes = "true" if "toy" in suite else "false"  # which take long to start
    text = RECIPE.format(suite=suite, keys=keys, processes=processes)
    path.write_text(text)
    return path


@pytest.mark.gl
@pytest.mark.parametrize("case", CASES)
def test_an_agent_learns_and_is_judged(tmp_path, case):
    package, suite, keys = CASES[case]
    pytest.importorskip(package)
    [stage] = run_recipe(write(tmp_path, suite, keys), runs=tmp_path).stages
    records = [json.loads(line) for line in (stage.folder / "metrics.jsonl").open()]
    last = records[-1]
    assert last["env_steps"] >= 40 and last["updates"] >= 2
    assert any("train/model_loss" in record for record in records)
    figures = dict(stage.figures)
    assert figures["eval/length_mean"] <= 10
    for score in ("success", "achievements/collect_wood"):
        assert (f"eval/{score}_mean" in figures) == (score in suite)
