"""The video predictor: it learns from clips alone."""

from __future__ import annotations

import torch

from wmframe.testing.host_reads import NoHostReads
from wmframe.testing.samples import IMAGES, clips


def plain_clips():
    """Clips of one brightness each, which are quick to learn."""
    torch.manual_seed(0)
    batch = clips(IMAGES)
    brightness = torch.randint(0, 256, (2, 1, 1, 1, 1), dtype=torch.uint8)
    return batch | {"image": brightness.expand_as(batch["image"]).contiguous()}


def test_loss_falls_on_fixed_clips_and_so_does_what_is_assessed(make_predictor):
    predictor, batch = make_predictor(optimizers={"model": {"lr": 1e-2}}), plain_clips()
    losses = [predictor.update(batch)["model_loss"].item() for _ in range(40)]
    assert losses[-1] < 0.2 * losses[0]
    assert predictor.assess(batch)["image_loss"] < 0.5 * losses[0]


def test_actions_and_rewards_in_a_batch_change_nothing(make_predictor, batch):
    metrics = []
    for keys in (("image", "is_first"), tuple(batch)):
        predictor = make_predictor()
        torch.manual_seed(2)
        metrics.append(predictor.update({key: batch[key] for key in keys}))
    assert set(metrics[0]) >= {"model_loss", "kl_loss", "image_loss", "model_grad_norm"}
    assert all(torch.equal(metrics[0][name], metrics[1][name]) for name in metrics[0])


def test_update_reads_nothing_back(make_predictor):
    predictor, batch = make_predictor(), plain_clips()
    with NoHostReads():
        predictor.update(batch)
        predictor.assess(batch)


def test_weights_of_losses(make_predictor):
    loss = make_predictor(loss_scales={"kl": 0.1}).world_model.loss(plain_clips())
    assert set(loss.terms) == {"kl", "image"}
    assert torch.allclose(loss.total, 0.1 * loss.terms["kl"] + loss.terms["image"])


def test_action_columns_are_there_and_stay_untouched(make_predictor):
    predictor = make_predictor(optimizers={"model": {"weight_decay": 0.0}})
    columns = predictor.world_model.dynamics.img_in.weight[:, 3 * 4 :]
    assert columns.shape[1] == 50
    before = columns.detach().clone()
    predictor.update(plain_clips())
    assert torch.equal(before, columns.detach())


def test_predictions_continue_what_was_seen(make_predictor):
    batch = plain_clips()
    video = make_predictor().predict(batch, observed_steps=2)
    assert torch.allclose(video["truth"], batch["image"] / 255)
    assert video["model"].shape == video["truth"].shape
