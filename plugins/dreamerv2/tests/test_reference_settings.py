"""Settings of the reference as ours."""

from __future__ import annotations

import pytest

from support.golden import GoldenCase, cases
from wmframe.recipe.structure import structure_part
from wmframe_dreamerv2.reference.settings import agent_settings


@pytest.mark.parametrize("model", cases("case15_dreamerv2"))
@pytest.mark.parametrize("explorer", ["greedy", "Random", "Plan2Explore"])
def test_golden_configurations_are_valid_recipes(model, explorer):
    config = GoldenCase(model).meta["config"] | {"expl_behavior": explorer}
    agent = structure_part("agent", agent_settings(config)).config
    assert agent.explorer.use.rpartition(".")[2] == explorer.lower()
    assert agent.behavior.config.critic_optimizer.config.lr == config["critic_opt.lr"]
    assert agent.dynamics.config.kl.free == config["kl.free"]


@pytest.mark.parametrize(
    ("clip", "rewards"),
    [("tanh", ("tanh", 1.0)), ("identity", ("identity", 1.0)), (4, ("identity", 4.0))],
)
def test_rewards_are_squashed_or_divided(clip, rewards):
    config = GoldenCase("case15_dreamerv2").meta["config"] | {"clip_rewards": clip}
    found = structure_part("agent", agent_settings(config)).config.rewards
    assert (found.transform, found.divide_by) == rewards
