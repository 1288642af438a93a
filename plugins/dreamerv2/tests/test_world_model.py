"""The world model: which loss reaches which parameters, and what heads learn."""

from __future__ import annotations

import torch

HEAD = {"layers": 1, "units": 8}


def gradient_of(agent, batch, term):
    """Names of the parts that a loss term trains."""
    loss = agent.world_model.loss(batch).terms[term]
    params = dict(agent.world_model.named_parameters())
    grads = torch.autograd.grad(loss, params.values(), allow_unused=True)
    trained = [name for name, grad in zip(params, grads, strict=True) if grad is not None]
    return {name.split(".")[0] for name in trained}


def test_gradient_heads_shape_the_features_and_others_do_not(make_agent, make_batch):
    agent = make_agent(
        heads={"discount": {**HEAD, "output": {"use": "binary"}, "gradient": False}},
        decoder_gradient=False,
    )
    batch = make_batch()
    assert gradient_of(agent, batch, "reward") == {"heads", "dynamics", "encoder"}
    assert gradient_of(agent, batch, "discount") == {"heads"}
    assert gradient_of(agent, batch, "image") == {"decoder"}
    assert gradient_of(agent, batch, "kl") == {"dynamics", "encoder"}


def test_loss_scales_weigh_and_zero_leaves_a_term_out(make_agent, make_batch):
    agent = make_agent(loss_scales={"kl": 0.5, "image": 0.0})
    loss = agent.world_model.loss(make_batch())
    wanted = 0.5 * loss.terms["kl"] + loss.terms["reward"]
    assert torch.allclose(loss.total, wanted)
    grads = torch.autograd.grad(
        loss.total, list(agent.world_model.decoder.parameters()), allow_unused=True
    )
    assert all(grad is None for grad in grads)


def test_the_state_before_a_clip_matters_unless_it_begins_an_episode(make_agent, make_batch):
    agent, batch = make_agent(), make_batch()
    agent.world_model.dynamics.latent.straight_through = False
    batch["is_first"] = torch.tensor([[1.0] + [0.0] * 5, [0.0] * 6])
    state = agent.world_model.loss(batch).replayed.state
    last = type(state)(tuple(x[:, -1] for x in state.stats), state.stoch[:, -1], state.deter[:, -1])
    fresh, carried = (agent.world_model.loss(batch, s).replayed.state for s in (None, last))
    assert torch.allclose(fresh.deter[0, 0], carried.deter[0, 0])
    assert not torch.allclose(fresh.deter[1, 0], carried.deter[1, 0])


def test_without_actions_and_rewards_the_model_learns_from_images(make_agent, make_batch):
    agent = make_agent(dynamics={"action_free": True})
    agent.world_model.heads.clear()
    clips = {key: make_batch()[key] for key in ("image", "is_first")}
    loss = agent.world_model.loss(clips)
    assert set(loss.terms) == {"kl", "image"}
    assert loss.total.isfinite()
