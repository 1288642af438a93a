"""The agent as a whole: it learns, acts, resumes, and leaves nothing behind."""

from __future__ import annotations

import copy

import pytest
import torch

from wmframe.testing.host_reads import NoHostReads

SPACES = ("continuous", "discrete", "multi-discrete")


def explorer(name, **settings):
    return {"use": name, **settings}


P2E = explorer("dreamerv2.plan2explore", models=2, head={"layers": 1, "units": 8})


@pytest.mark.parametrize("space", SPACES)
def test_model_loss_falls_on_a_fixed_batch(make_agent, make_batch, space):
    heads = {"discount": {"layers": 1, "units": 8, "output": {"use": "binary"}}}
    agent = make_agent(space, heads=heads, optimizers={"model": {"lr": 3e-3}})
    batch = make_batch(space)
    losses = [agent.update(batch)["model_loss"].item() for _ in range(40)]
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("space", SPACES)
def test_actions_lie_in_their_space(make_agent, make_batch, space):
    agent, batch = make_agent(space, explorer=P2E, acting={"explore_noise": 0.3}), make_batch(space)
    state = agent.initial_state(2)
    for mode in ("train", "eval", "random"):
        action, state = agent.act(first_obs(batch), state, mode)
        assert action.shape == (2, agent.action.size)
        if agent.action.discrete:
            for group in action.split(agent.action.groups, -1):
                assert torch.equal(group.sort(-1).values[:, -1], torch.ones(2))
                assert torch.equal(group.sum(-1), torch.ones(2))
        else:
            assert action.abs().max() <= 1


@pytest.mark.parametrize("space", ["continuous", "discrete"])
def test_metrics_are_finite_scalars_without_graph(make_agent, make_batch, space):
    agent = make_agent(space, explorer=P2E)
    metrics = agent.update(make_batch(space))
    expected = {"model_loss", "kl_loss", "image_loss", "reward_loss", "actor_loss", "critic_loss"}
    assert expected | {"actor_entropy", "explorer_actor_loss"} <= set(metrics)
    for name, value in metrics.items():
        assert value.ndim == 0, name
        assert value.isfinite(), name
        assert not value.requires_grad, name


@pytest.mark.parametrize("space", ["continuous", "discrete"])
def test_update_leaves_no_gradient_anywhere(make_agent, make_batch, space):
    agent = make_agent(space, explorer=P2E)
    agent.update(make_batch(space))
    assert [name for name, p in agent.named_parameters() if p.grad is not None] == []
    frozen = {name for name, p in agent.named_parameters() if not p.requires_grad}
    assert all(".target." in name for name in frozen)


def test_every_trainable_parameter_has_one_optimizer(make_agent):
    agent = make_agent(explorer=P2E)
    optimizers = agent.optimizers().values()
    stepped = [p for o in optimizers for group in o.param_groups for p in group["params"]]
    assert len(stepped) == len(set(stepped))
    assert set(stepped) == {p for p in agent.parameters() if p.requires_grad}


@pytest.mark.parametrize("space", ["continuous", "discrete"])
def test_update_and_act_read_nothing_back(make_agent, make_batch, space):
    agent = make_agent(space, explorer=P2E, acting={"explore_until": 5})
    batch, state = make_batch(space), agent.initial_state(2)
    with NoHostReads():
        agent.update(batch)
        agent.act(first_obs(batch), state, "train")


@pytest.mark.parametrize("space", ["continuous", "discrete"])
def test_everything_stays_on_the_device_of_the_agent(make_agent, make_batch, space):
    # the meta device stands for any: it has no values to read, and refuses to meet the CPU's
    agent = make_agent(space, explorer=P2E, acting={"explore_until": 5}).to("meta")
    batch = {key: value.to("meta") for key, value in make_batch(space).items()}
    metrics = agent.update(batch)  # its optimizers have been left behind: meta has no fused Adam
    assert {x.device.type for name, x in metrics.items() if "grad_norm" not in name} == {"meta"}
    action, _ = agent.act(first_obs(batch), agent.initial_state(2), "train")
    assert action.device.type == agent.predict(batch, 2)["model"].device.type == "meta"


@pytest.mark.parametrize("space", ["continuous", "discrete"])
def test_saved_state_gives_the_same_next_update(make_agent, make_batch, space):
    agent, twin = make_agent(space, explorer=P2E), make_agent(space, explorer=P2E)
    for seed in range(2):
        agent.update(make_batch(space, seed))
    twin.load_state_dict(agent.state_dict())
    for name, optimizer in twin.optimizers().items():
        optimizer.load_state_dict(copy.deepcopy(agent.optimizers()[name].state_dict()))
    after = [seeded_update(one, make_batch(space, 2)) for one in (agent, twin)]
    assert after[0] == after[1]
    pairs = zip(agent.state_dict().values(), twin.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_batch_is_not_changed_by_an_update(make_agent, make_batch):
    agent, batch = make_agent(rewards={"divide_by": 4.0, "transform": "tanh"}), make_batch()
    before = {key: value.clone() for key, value in batch.items()}
    agent.update(batch)
    assert all(torch.equal(batch[key], before[key]) for key in batch)


def test_a_first_observation_forgets_what_came_before(make_agent, make_batch):
    agent, obs = make_agent(acting={"eval_state_mean": True}), first_obs(make_batch())
    fresh, state = agent.act(obs, agent.initial_state(2), "eval")
    again, later = agent.act(obs, state, "eval")
    assert torch.allclose(fresh, again, atol=1e-6)
    kept, _ = agent.act(obs | {"is_first": torch.zeros(2)}, later, "eval")
    assert not torch.allclose(fresh, kept, atol=1e-6)


def test_acting_leaves_batch_statistics_and_modes_alone(make_agent, make_batch):
    resnet = {"encoder": {"use": "wmframe.resnet_encoder", "res_layers": 1}}
    agent, obs = make_agent(**resnet), first_obs(make_batch())
    before = {key: value.clone() for key, value in agent.state_dict().items()}
    agent.act(obs, agent.initial_state(2), "train")
    assert all(torch.equal(value, before[key]) for key, value in agent.state_dict().items())
    assert all(module.training for module in agent.modules())


def test_the_explorer_acts_until_its_decisions_are_spent(make_agent, make_batch):
    agent = make_agent("discrete", explorer=explorer("random"), acting={"explore_until": 4})
    obs, state = first_obs(make_batch("discrete")), agent.initial_state(2)
    agent.explorer.act = lambda feat, mode="train": torch.full((2, 4), 7.0)
    with torch.inference_mode():
        seen = [agent.act(obs, state, "train")[0].max().item() for _ in range(4)]
        assert agent.act(obs, state, "eval")[0].max().item() == 1
    assert seen == [7, 7, 1, 1]
    assert agent.decisions == 8  # eval is not counted


def test_prediction_sees_only_the_first_frames(make_agent, make_batch):
    agent, batch = make_agent(), make_batch()
    torch.manual_seed(1)
    video = agent.predict(batch, observed_steps=2)
    blind = batch | {"image": batch["image"].clone()}
    blind["image"][:, 2:] = 0
    torch.manual_seed(1)
    other = agent.predict(blind, observed_steps=2)
    assert torch.equal(video["model"], other["model"])
    assert torch.equal(video["truth"], batch["image"] / 255 - 0.5 + 0.5)
    assert video["model"].shape == video["truth"].shape


def test_without_pictures_there_is_nothing_to_show(make_agent, make_batch):
    agent, batch = make_agent(), make_batch()
    agent.world_model.decoder.forward = lambda feat, context=None: {}
    assert agent.predict(batch, observed_steps=2) == {}


def first_obs(batch):
    return {"image": batch["image"][:, 0], "is_first": batch["is_first"][:, 0]}


def seeded_update(agent, batch):
    torch.manual_seed(7)
    return {name: value.item() for name, value in agent.update(batch).items()}
