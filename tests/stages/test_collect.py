"""The collect stage: it fills a replay, once, and refuses one that is too small."""

from __future__ import annotations

import pytest

from wmframe.data.replay import load_episodes
from wmframe.errors import UsageError
from wmframe.stages.run import run_recipe

COLLECT = """
[stages.random]
use = "collect"
suite = {{ use = "toy.line" }}
env_steps = 100
processes = false
capacity = {capacity}
"""


def collect(recipe, runs, capacity):
    head = recipe.read_text().split("[stages.")[0]
    recipe.write_text(head + COLLECT.format(capacity=capacity))
    return run_recipe(recipe, name="toy", runs=runs).stages[0]


def test_whole_episodes_are_collected_and_a_second_run_adds_none(recipe, tmp_path):
    for _ in range(2):
        stage = collect(recipe, tmp_path, 1000)
        lengths = [episode.length for episode in load_episodes(stage.folder / "replay")]
        assert lengths == [13] * 5  # a reset and 12 decisions of 2 frames each


def test_a_replay_that_cannot_hold_the_budget_is_refused(recipe, tmp_path):
    with pytest.raises(UsageError, match="capacity 10"):
        collect(recipe, tmp_path, 10)
