"""Loading what a run has learnt, and judging it without training."""

from __future__ import annotations

import numpy as np
import pytest

import wmframe
from wmframe.errors import MissingError
from wmframe.stages.evaluation.rollouts import evaluate_run
from wmframe.stages.run import run_recipe


@pytest.fixture
def run(recipe, tmp_path):
    return run_recipe(recipe, name="toy", runs=tmp_path).folder


def test_a_loaded_agent_acts_in_its_environment(run):
    agent = wmframe.load(run)
    env = agent.suite.make()
    obs, _ = env.reset(seed=3)
    state = agent.initial_state(1)
    truncated = False
    while not truncated:
        action, state = agent.act(obs, state)
        obs, _, _, truncated, _ = env.step(action)
    assert env.action_space.contains(action)


def test_a_batch_of_observations_gives_a_list_of_actions(run):
    agent = wmframe.load(run)
    obs = {"image": np.zeros((3, 8, 8, 3), np.uint8)}
    actions, _ = agent.act(obs, agent.initial_state(3))
    assert len(actions) == 3
    assert np.array_equal(actions[0], actions[1])


def test_a_missing_observation_is_named(run):
    agent = wmframe.load(run)
    with pytest.raises(MissingError, match="image"):
        agent.act({}, agent.initial_state(1))


def test_evaluating_a_run_repeats_itself(run):
    one, _, counters = evaluate_run(run, episodes=3, processes=False)
    two, _, _ = evaluate_run(run, episodes=3, processes=False)
    assert one == two
    assert counters.env_steps == 480
    figures = {"return_mean", "return_std", "length_mean", "success_mean"}
    assert set(one) == {*figures, "episodes", "unfinished"}


def test_a_folder_without_an_agent_is_refused(tmp_path):
    with pytest.raises(MissingError, match="no trained agent"):
        wmframe.load(tmp_path)
