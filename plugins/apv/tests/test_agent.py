"""The agent: who steps what, what is held, what the bonus sees, and what it begins with."""

from __future__ import annotations

import pytest
import torch

from wmframe.errors import CheckpointError, UsageError
from wmframe.testing.host_reads import NoHostReads


def snapshot(module):
    return {name: tensor.clone() for name, tensor in module.named_parameters()}


def moved(before, module):
    """Top-level parts of a module whose parameters have changed."""
    after = dict(module.named_parameters())
    return {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}


def test_two_optimizers_share_the_world_model(make_agent):
    agent = make_agent()
    groups = {name: set(o.parameters) for name, o in agent.model_optimizers.items()}
    assert groups["encoder"] == {
        *agent.world_model.encoder.parameters(),
        *agent.world_model.dynamics.action_free.parameters(),
    }
    assert not groups["encoder"] & groups["model"]
    assert groups["encoder"] | groups["model"] == set(agent.world_model.parameters())


def test_each_optimizer_clips_its_own_norm(make_agent, batch):
    clip = {"lr": 1.0, "clip": 1e-9, "eps": 1.0, "weight_decay": 0.0}
    agent = make_agent(optimizers={"encoder": clip})
    encoder = snapshot(agent.world_model.encoder)
    decoder = snapshot(agent.world_model.decoder)
    metrics = agent.update(batch)
    assert metrics["encoder_grad_norm"] > 1e-3
    assert all(
        torch.allclose(encoder[name], p, atol=1e-8)
        for name, p in agent.world_model.encoder.named_parameters()
    )
    assert moved(decoder, agent.world_model.decoder)


def test_the_visual_half_is_held_for_the_first_updates_and_then_learns(make_agent, batch):
    agent = make_agent(optimizers={"encoder": {"hold": 2}})
    dynamics, encoder = agent.world_model.dynamics, agent.world_model.encoder
    for update in range(3):
        before = snapshot(encoder), snapshot(dynamics)
        agent.update(batch)
        assert bool(moved(before[0], encoder)) == (update == 2)
        wanted = {"conditional"} if update < 2 else {"conditional", "action_free"}
        assert moved(before[1], dynamics) == wanted


def test_update_and_act_read_nothing_back(make_agent, batch):
    agent = make_agent()
    state = agent.initial_state(2)
    with NoHostReads():
        agent.update(batch)
        agent.act({key: batch[key][:, 0] for key in ("image", "is_first")}, state)


@pytest.mark.parametrize(("scales", "weight"), [({}, 0.0), ({"af_kl": 0.3}, 0.3)])
def test_the_action_free_loss_counts_only_where_it_is_asked_for(make_agent, batch, scales, weight):
    agent = make_agent(loss_scales=scales)
    loss = agent.world_model.loss(batch)
    terms = loss.terms
    wanted = terms["kl"] + terms["image"] + terms["reward"] + weight * terms["af_kl"]
    assert torch.allclose(loss.total, wanted)
    prior = agent.world_model.dynamics.action_free.img_dist[0].weight
    (grad,) = torch.autograd.grad(loss.total, [prior], allow_unused=True)
    assert (grad is not None) == bool(weight)


def test_other_weights_leave_the_action_free_loss_out(make_agent, batch):
    loss = make_agent(loss_scales={"kl": 0.5}).world_model.loss(batch)
    assert torch.allclose(
        loss.total, 0.5 * loss.terms["kl"] + loss.terms["image"] + loss.terms["reward"]
    )


def test_the_bonus_looks_at_the_action_free_model(make_agent, batch):
    agent = make_agent(stack={"action_free": {"hidden": 8, "deter": 5, "stoch": 3, "discrete": 4}})
    assert agent.world_model.bonus.projection.shape[0] == 3 * 4 + 5
    data = agent.world_model.loss(batch).replayed.data
    assert data["reward"].shape == (2, 4)
    assert torch.equal(data["task_reward"], batch["reward"])


def test_an_agent_begins_with_a_predictors_parts(make_agent, make_predictor):
    agent, predictor = make_agent(), make_predictor()
    assert agent.initialize(predictor.state_dict()).complete
    wanted, found = predictor.state_dict(), agent.state_dict()
    place = {"dynamics": "dynamics.action_free"}
    for name, tensor in wanted.items():
        part = name.split(".")[1]
        assert torch.equal(tensor, found[name.replace(part, place.get(part, part), 1)]), name


def test_parts_can_be_left_fresh(make_agent, make_predictor):
    agent = make_agent(initialize={"dynamics": "none", "decoder": "none"})
    before = snapshot(agent.world_model)
    report = agent.initialize(make_predictor().state_dict())
    assert moved(before, agent.world_model) == {"encoder"}
    assert all(name.startswith("world_model.encoder.") for name in report.loaded)


def test_what_does_not_fit_is_named_and_left_out_if_asked(make_agent, make_predictor):
    agent = make_agent()
    small = {"hidden": 12, "deter": 9, "stoch": 3, "discrete": 4}
    weights = make_predictor(dynamics=small).state_dict()
    before = snapshot(agent.world_model)
    with pytest.raises(CheckpointError, match=r"action_free\.cell\.linear\.weight"):
        agent.initialize(weights)
    assert not moved(before, agent.world_model)
    report = agent.initialize(weights, strict=False)
    assert any("action_free.cell.linear.weight" in name for name in report.mismatched)
    assert "encoder" in moved(before, agent.world_model)


def test_another_agent_is_taken_whole(make_agent, batch):
    agent, other = make_agent(), make_agent()
    other.update(batch)
    assert agent.initialize(other.state_dict()).complete
    state = agent.state_dict()
    assert all(torch.equal(tensor, state[name]) for name, tensor in other.state_dict().items())


def test_dynamics_that_are_no_stack_are_refused(make_agent):
    with pytest.raises(UsageError, match=r"dynamics\.action_free"):
        make_agent(dynamics={"use": "dreamerv2.rssm", "hidden": 8, "deter": 8})


def test_a_part_that_no_weights_can_go_to_is_refused(make_agent, make_predictor):
    agent = make_agent(initialize={"encoder": "eyes"})
    with pytest.raises(UsageError, match="eyes"):
        agent.initialize(make_predictor().state_dict())
