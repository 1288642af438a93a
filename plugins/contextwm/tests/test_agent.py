"""The agent and the video predictor as wholes."""

from __future__ import annotations

import pytest
import torch

from wmframe_contextwm.config_nets import AUGMENTATIONS


def heads_of(agent):
    return agent.world_model.heads


def test_the_second_reward_head_learns_every_step_without_the_bonus(make_agent, clips):
    agent = make_agent()
    replayed = agent.world_model.loss(clips).replayed
    data, (plain, task) = replayed.data, heads_of(agent).values()
    assert (plain.target, task.target, task.gradient) == ("reward", "task_reward", True)
    assert data["reward"].shape[1] == data["task_reward"].shape[1] - 1  # a window of 2 steps
    assert torch.equal(data["task_reward"], clips["reward"])
    assert not torch.equal(data["reward"], clips["reward"][:, :-1])


def test_without_a_bonus_both_heads_learn_the_same(make_agent, clips):
    data = make_agent(bonus={"use": "none"}).world_model.loss(clips).replayed.data
    assert torch.equal(data["reward"], data["task_reward"])


def test_the_second_head_can_be_left_out(make_agent):
    agent = make_agent(heads={"aux_reward": "none"})
    assert set(heads_of(agent)) == {"reward"}


def test_behavior_looks_at_the_first_head_alone(make_agent, clips):
    agent = make_agent()
    feat = torch.randn(4, agent.world_model.dynamics.feat_dim)
    expected = agent.world_model.reward(feat)
    with torch.no_grad():
        heads_of(agent)["aux_reward"].head.output.linear.weight.zero_()
    assert torch.equal(agent.world_model.reward(feat), expected)


def test_an_agent_takes_all_that_the_predictor_learnt(make_agent, make_predictor):
    predictor, agent = make_predictor(), make_agent()
    for parameter in predictor.parameters():
        torch.nn.init.normal_(parameter)
    assert agent.initialize(predictor.state_dict()).complete
    theirs, ours = predictor.world_model, agent.world_model
    pairs = [
        (theirs.encoder, ours.encoder),
        (theirs.decoder, ours.decoder),
        (theirs.dynamics, agent.world_model.dynamics.action_free),
    ]
    for a, b in pairs:
        assert all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))


@pytest.mark.parametrize("maker", ["make_agent", "make_predictor"])
def test_another_clips_context_changes_the_look_of_a_prediction(maker, request, clips):
    learner = request.getfixturevalue(maker)()
    for stage in list(learner.world_model.decoder.stages)[:-1]:
        torch.nn.init.normal_(stage[0].attention.kv_position)
    other = {**clips, "image": clips["image"].flip(0)}
    torch.manual_seed(0)
    plain = learner.predict(clips, 3)
    torch.manual_seed(0)
    swapped = learner.predict_with_context(clips, other, 3)
    assert torch.equal(swapped["truth"], plain["truth"])
    assert swapped["model"].shape == plain["model"].shape
    assert not torch.equal(swapped["model"], plain["model"])


def test_predictions_do_not_peek_at_what_they_predict(make_predictor, clips):
    predictor = make_predictor()
    future = clips["image"].clone()
    future[:, 3:] = 0
    found = []
    for image in (clips["image"], future):
        torch.manual_seed(0)
        found.append(predictor.predict({**clips, "image": image}, 3)["model"])
    assert torch.equal(*found)


@pytest.mark.parametrize("warmup", [0, 3])
@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_losses_never_wait_for_the_device(make_predictor, clips, augmentation, warmup):
    """On the meta device there are no values, so whoever reads one fails."""
    net = {"depth": 4, "res_layers": 1}
    predictor = make_predictor(
        encoder={**net, "augmentation": augmentation}, decoder={**net, "mask_warmup": warmup}
    ).to("meta")
    loss = predictor.world_model.loss({key: value.to("meta") for key, value in clips.items()})
    loss.total.backward()
    assert loss.total.is_meta


@pytest.mark.parametrize("norm", ["batch", "group", "none"])
@pytest.mark.parametrize("warmup", [0, 3])
def test_activation_checkpointing_changes_nothing(make_predictor, clips, norm, warmup):
    found = []
    for checkpoint in (False, True):
        net = {"depth": 4, "res_layers": 1, "res_norm": norm}
        net["activation_checkpointing"] = checkpoint
        predictor = make_predictor(encoder=net, decoder={**net, "mask_warmup": warmup}).double()
        losses = [predictor.update(clips)["image_loss"] for _ in range(3)]
        found.append((losses, predictor.state_dict()))
    torch.testing.assert_close(*found, rtol=0, atol=1e-12)


def test_a_predictor_learns_to_reconstruct_a_still_clip(make_predictor, clips):
    predictor = make_predictor(optimizers={"model": {"lr": 3e-3}})
    still = clips["image"][:, :1].expand_as(clips["image"])
    losses = [float(predictor.update({**clips, "image": still})["image_loss"]) for _ in range(30)]
    assert losses[-1] < 0.7 * losses[0]
