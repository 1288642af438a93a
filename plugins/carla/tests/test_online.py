"""Learning to drive, for a few dozen decisions, through a recipe and on the double."""

from __future__ import annotations

import json

import numpy as np
import pytest
from carla_double import Server

from wmframe.envs.vector import Simulators
from wmframe.stages.run import run_recipe
from wmframe_carla.config import CarlaConfig, TrafficConfig
from wmframe_carla.suite import CarlaSuite

RECIPE = """
extends = "base/carla.toml"
name = "drive"
device = "cpu"
threads = 1
trackers = []

[stages.train]
env_steps = 48
prefill = 24
pretrain = 1
train_ratio = 0.1
log_every = 12
processes = false
replay = { batch = 2, length = 6, min_length = 6, max_length = 6 }
evaluation = { every = 24, episodes = 1, videos = false }
checkpoint = { every = 24 }

[stages.train.suite]
task = "Changing"
time_limit = 8
traffic = { vehicles = 2, stretches = [{ road = 45, start = 150.0, end = 590.0 }] }

[stages.train.agent]
use = "dreamerv2.agent"
encoder.depth = 4
decoder.depth = 4
dynamics = { hidden = 16, deter = 16, stoch = 4, discrete = 4 }

[stages.train.agent.heads]
reward = { layers = 1, units = 16 }

[stages.train.agent.behavior]
horizon = 3
actor = { layers = 1, units = 16 }
critic = { layers = 1, units = 16 }
"""


def test_an_agent_learns_on_one_server_and_is_judged_on_another(server, tmp_path):
    pytest.importorskip("wmframe_dreamerv2")
    judge = Server(2010)
    recipe = tmp_path / "drive.toml"
    recipe.write_text(RECIPE)
    stage = run_recipe(recipe, name="drive", runs=tmp_path).stages[-1]
    records = [json.loads(line) for line in (stage.folder / "metrics.jsonl").open()]
    last = {key: value for record in records for key, value in record.items()}
    assert last["env_steps"] == 48
    assert np.isfinite(last["train/model_loss"])
    for name in CarlaSuite.scores:
        assert f"eval/{name}_mean" in last
    assert server.ticks >= 48 and judge.ticks >= 8
    for one in (server, judge):  # all is closed
        assert not one.actors and not one.settings.synchronous_mode


def test_going_on_begins_the_next_episode_for_a_server_repeats_none(server):
    suite = CarlaSuite(CarlaConfig(traffic=TrafficConfig(vehicles=0)))
    with Simulators(suite, 1, seed=4, processes=False) as sims:
        for action in (None, *([np.array([[0.0, 1.0]], np.float32)] * 3)):
            sims.send(action)
            sims.receive()
        state = sims.state()
    with Simulators(suite, 1, seed=4, processes=False) as sims:
        [history], rows = sims.restore(state)
    assert len(history) == 1 and rows.data["is_first"][0]
    assert rows.episode[0] == state["simulators"][0]["episode"] + 1
