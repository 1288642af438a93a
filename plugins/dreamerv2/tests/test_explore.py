"""Exploration: noise, and planning towards disagreement."""

from __future__ import annotations

import pytest
import torch

from wmframe.models.explorers import add_action_noise, random_action
from wmframe.nn.noise import Noise
from wmframe.types import ActionSpec

GROUPS = ActionSpec(size=5, discrete=True, groups=(2, 3))
P2E = {"use": "dreamerv2.plan2explore", "models": 3, "head": {"layers": 1, "units": 8}}


def test_random_discrete_actions_are_uniform_in_each_group():
    torch.manual_seed(0)
    share = random_action(GROUPS, torch.zeros(20_000, 1), Noise()).mean(0)
    wanted = torch.tensor([1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3])
    assert torch.allclose(share, wanted, atol=0.015)


def test_random_continuous_actions_fill_the_box():
    torch.manual_seed(0)
    action = random_action(ActionSpec(2, False), torch.zeros(20_000, 1), Noise())
    assert torch.allclose(action.mean(0), torch.zeros(2), atol=0.02)
    assert torch.allclose(action.var(0), torch.full((2,), 1 / 3), atol=0.02)
    assert action.abs().max() <= 1


def test_noise_replaces_discrete_actions_with_its_probability():
    torch.manual_seed(0)
    action = torch.tensor([[1.0, 0, 1, 0, 0]]).repeat(20_000, 1)
    share = add_action_noise(action, 0.6, GROUPS, Noise()).mean(0)
    assert torch.allclose(share, torch.tensor([0.7, 0.3, 0.6, 0.2, 0.2]), atol=0.015)


def test_noise_on_continuous_actions_is_clipped():
    torch.manual_seed(0)
    spec, action = ActionSpec(1, False), torch.full((1000, 1), 0.9)
    noisy = add_action_noise(action, 0.5, spec, Noise())
    assert noisy.max() == 1
    assert noisy.std() > 0.1
    assert add_action_noise(action, 0.0, spec, Noise()) is action


@pytest.mark.parametrize("target", ["stoch", "deter", "feat", "embed"])
def test_the_ensemble_learns_any_part_of_the_next_state(make_agent, make_batch, target):
    agent = make_agent(explorer=P2E | {"target": target, "optimizer": {"lr": 1e-2}})
    replayed = agent.world_model.loss(make_batch()).replayed
    seen = [agent.explorer.update(agent.world_model, replayed) for _ in range(20)]
    assert seen[-1]["ensemble_loss"] < seen[0]["ensemble_loss"]


def test_agreement_is_worth_nothing_and_the_task_counts_as_asked(make_agent, make_batch):
    agent = make_agent(explorer=P2E | {"extrinsic_scale": 0.5})
    batch, world_model, explorer = make_batch(), agent.world_model, agent.explorer
    for member in explorer.ensemble:
        member.load_state_dict(explorer.ensemble[0].state_dict())
    replayed = world_model.loss(batch).replayed
    start = explorer.actor_critic.starts(world_model, replayed)
    returns = explorer.actor_critic.imagine_returns(
        world_model, *start, lambda imagined: explorer.reward(world_model, imagined)
    )
    wanted = 0.5 * world_model.reward(returns.imagined.feat)
    assert torch.allclose(returns.reward, wanted, atol=1e-6)


def test_the_task_policy_is_untouched_by_the_explorer(make_agent, make_batch):
    agent = make_agent(explorer=P2E)
    before = [p.clone() for p in agent.task.parameters()]
    agent.explorer.update(agent.world_model, agent.world_model.loss(make_batch()).replayed)
    pairs = zip(before, agent.task.parameters(), strict=True)
    assert all(torch.equal(old, new) for old, new in pairs)
