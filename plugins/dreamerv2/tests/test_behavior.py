"""Actor and critic: gradients, targets, starts."""

from __future__ import annotations

import pytest
import torch

from wmframe.models.config import HeadConfig
from wmframe.models.heads import make_head
from wmframe.models.slow_target import SlowTarget

DISCOUNTED = {"discount": {"layers": 1, "units": 8, "output": {"use": "binary"}}}


def returns_of(agent, batch):
    replayed = agent.world_model.loss(batch).replayed
    world_model = agent.world_model
    start = agent.task.starts(agent.world_model, replayed)
    return agent.task.imagine_returns(world_model, *start)


def losses(agent, batch):
    return agent.task.learn_from(returns_of(agent, batch))


@pytest.mark.parametrize("gradient", ["dynamics", "reinforce", "both"])
@pytest.mark.parametrize("space", ["continuous", "discrete"])
def test_each_gradient_trains_the_actor_and_only_it(make_agent, make_batch, gradient, space):
    agent = make_agent(space, behavior={"gradient": gradient, "entropy_scale": 0.0})
    loss = losses(agent, make_batch(space)).actor
    loss.backward()
    trained = {name for name, p in agent.named_parameters() if p.grad is not None}
    assert trained == {f"task.actor.{name}" for name, _ in agent.task.actor.named_parameters()}
    assert agent.task.actor.trunk.layers[0].linear.weight.grad.abs().max() > 0


@pytest.mark.parametrize(
    ("space", "gradient"), [("continuous", "dynamics"), ("discrete", "reinforce")]
)
def test_auto_chooses_the_gradient_by_the_action_space(make_agent, make_batch, space, gradient):
    found = []
    for setting in ("auto", gradient):
        agent = make_agent(space, behavior={"gradient": setting})
        torch.manual_seed(3)
        found.append(losses(agent, make_batch(space)).actor.item())
    assert found[0] == found[1]


def test_policy_of_the_rollout_is_the_policy_of_its_features(make_agent, make_batch):
    agent = make_agent()
    imagined = returns_of(agent, make_batch()).imagined
    again = agent.task.actor(imagined.feat[:-1].detach())
    kept = agent.task.actor.output(imagined.hidden)
    assert torch.allclose(kept.loc, again.loc, atol=1e-6)
    assert torch.allclose(kept.entropy(), again.entropy(), atol=1e-5)


@pytest.mark.parametrize("heads", [{}, DISCOUNTED])
def test_rewards_discounts_and_values_stay_float32_under_autocast(make_agent, make_batch, heads):
    agent = make_agent(heads=heads)
    with torch.autocast("cpu", torch.bfloat16):
        _, *numbers = returns_of(agent, make_batch())
    assert [x.dtype for x in numbers] == [torch.float32] * len(numbers)


def test_entropy_reaches_the_critic_only_when_asked_for(make_agent, make_batch):
    targets = []
    for setting in (False, True):
        agent = make_agent(behavior={"entropy_scale": 0.5, "entropy_in_target": setting})
        torch.manual_seed(3)
        targets.append(losses(agent, make_batch()).target)
    assert torch.equal(targets[0][0], targets[1][0])
    assert not torch.allclose(targets[0][1:], targets[1][1:])


def test_weights_end_with_the_episode(make_agent, make_batch):
    agent, batch = make_agent(heads=DISCOUNTED), make_batch()
    weight = returns_of(agent, batch).weight
    terminal = batch["is_terminal"].flatten().bool()
    assert weight[1:, terminal].abs().max() == 0
    assert weight[1:, ~terminal].min() > 0
    assert torch.equal(weight[0], torch.ones_like(weight[0]))


def test_fewer_starts_are_drawn_from_the_batch(make_agent, make_batch):
    agent = make_agent(behavior={"starts": 5})
    batch = make_batch()
    replayed = agent.world_model.loss(batch).replayed
    state, terminal = agent.task.starts(agent.world_model, replayed)
    assert state.deter.shape[0] == terminal.shape[0] == 5
    rows = {tuple(row) for row in replayed.state.deter.flatten(0, 1).tolist()}
    assert {tuple(row) for row in state.deter.tolist()} <= rows


def test_the_critic_itself_can_be_the_target(make_agent, make_batch):
    agent = make_agent(behavior={"target": {"slow": False}})
    agent.update(make_batch())
    assert not any("target" in name for name in agent.state_dict())


def test_slow_target_copies_at_once_then_on_schedule():
    critic = make_head(HeadConfig(layers=1, units=4), 3)
    target = SlowTarget(critic, every=3, fraction=0.5)
    weight, slow = (head.output.linear.weight for head in (critic, target.net))
    seen = []
    with torch.no_grad():
        for value in (1.0, 3.0, 5.0, 7.0):
            weight.fill_(value)
            target.follow(critic)
            seen.append(slow[0, 0].item())
    assert seen == [1, 1, 1, 4]
    assert not slow.requires_grad
