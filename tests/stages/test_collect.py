"""The collect stage: it fills a replay, once, and refuses one that is too small."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.data.replay import load_episodes
from wmframe.errors import RecipeError, UsageError
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


LEARN = """
[stages.train]
use = "online"
suite = { use = "toy.line" }
agent = { use = "toy.agent" }
env_steps = 48
prefill = 0
pretrain = 3
processes = false
replay = { batch = 4, length = 6, min_length = 6, max_length = 6 }
episodes = "stages.random"
"""


def test_an_online_stage_can_begin_with_what_was_collected(recipe, losses, tmp_path):
    head = recipe.read_text().split("[stages.")[0]
    recipe.write_text(head + COLLECT.format(capacity=1000) + LEARN)
    random, train = run_recipe(recipe, name="toy", runs=tmp_path).stages
    given = [episode.data for episode in load_episodes(random.folder / "replay")]
    held = [episode.data for episode in load_episodes(train.folder / "replay")]
    for ours, theirs in zip(held, given, strict=False):
        assert all(np.array_equal(ours[key], theirs[key]) for key in theirs)
    assert len(held) == len(given) + 48 // 24
    assert max(losses(train.folder)[0]) >= 3


def test_episodes_that_are_not_there_are_named(recipe, tmp_path):
    head = recipe.read_text().split("[stages.")[0]
    recipe.write_text(head + LEARN)
    with pytest.raises(RecipeError, match="not an earlier stage"):
        run_recipe(recipe, name="toy", runs=tmp_path)
