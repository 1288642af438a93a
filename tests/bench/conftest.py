"""A recipe of the toy suite and agent, small enough to be measured in a second."""

from __future__ import annotations

from pathlib import Path

import pytest

TOY = Path(__file__).parent.parent / "stages" / "toy.py"
RECIPE = f"""
plugins.local = ["{TOY}"]
device = "cpu"
threads = 1

[stages.train]
use = "online"
env_steps = 120
prefill = 20
pretrain = 1
train_ratio = 0.5
log_every = 20
processes = false
suite = {{ use = "toy.line" }}
agent = {{ use = "toy.agent" }}
replay = {{ batch = 3, length = 4, min_length = 4, max_length = 4 }}
evaluation = {{ every = 0, episodes = 1, videos = false }}

[stages.judge]
use = "evaluate"
source = "stages.train"
episodes = 1
processes = false

[profiles.wide]
stages.train.agent.width = 9
"""


@pytest.fixture
def recipe(tmp_path):
    """The recipe's file."""
    path = tmp_path / "toy.toml"
    path.write_text(RECIPE)
    return path
