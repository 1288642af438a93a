"""A toy recipe, and what the tests of the stages read from a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TOY = Path(__file__).parent / "toy.py"

RECIPE = """
name = "toy"
device = "cpu"
trackers = []
plugins.local = ["{toy}"]

[stages.train]
use = "online"
suite = {{ use = "toy.line" }}
agent = {{ use = "toy.agent" }}
env_steps = 480
prefill = 96
pretrain = 3
train_ratio = 0.5
processes = false
log_every = 48
replay = {{ batch = 4, length = 6, min_length = 6, max_length = 6 }}
evaluation = {{ every = 240, episodes = 2 }}
checkpoint = {{ every = 96 }}
"""


@pytest.fixture
def recipe(tmp_path):
    """The path of a recipe that trains the toy agent in about a second."""
    path = tmp_path / "toy.toml"
    path.write_text(RECIPE.format(toy=TOY))
    return path


@pytest.fixture
def losses():
    """Reads a stage's losses by the number of updates, and its evaluation returns by env steps."""

    def read(folder):
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        train = {r["updates"]: r["train/model_loss"] for r in records if "train/model_loss" in r}
        judged = {r["env_steps"]: r["eval/return_mean"] for r in records if "eval/return_mean" in r}
        return train, judged

    return read
