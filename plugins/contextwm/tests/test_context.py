"""Context and masks: what reaches the decoder, and when."""

from __future__ import annotations

import pytest
import torch

from wmframe.errors import UsageError
from wmframe.nn.noise import Noise
from wmframe.recipe.structure import structure_part
from wmframe.testing.samples import IMAGES, preprocessed
from wmframe.types import TensorSpec
from wmframe_contextwm.attention import ContextAttention
from wmframe_contextwm.decoder import AttendingLayer
from wmframe_contextwm.masking import TokenMask

FEAT = 12


def encoder(**settings):
    torch.manual_seed(0)
    settings = {"use": "contextwm.encoder", "depth": 4, "res_layers": 1, **settings}
    return structure_part("encoder", settings).build(obs=IMAGES)


def decoder(**settings):
    torch.manual_seed(0)
    settings = {"use": "contextwm.decoder", "depth": 4, "res_layers": 1, **settings}
    return structure_part("decoder", settings).build(obs=IMAGES, feat_dim=FEAT)


def mask(share, warmup=0, in_eval=True):
    return TokenMask(share, warmup, in_eval, Noise())


def attention(token_mask, dropout=0.0):
    torch.manual_seed(0)
    found = ContextAttention(8, 16, 2, token_mask, dropout, "none")
    torch.nn.init.normal_(found.kv_position)
    return found


@pytest.mark.parametrize(("frame", "step"), [("first", 0), ("last", -1)])
def test_one_frame_alone_makes_the_context(frame, step):
    net, clip = encoder(frame=frame).eval(), preprocessed(IMAGES, 2, 4)
    other = {"image": torch.zeros_like(clip["image"])}
    other["image"][:, step] = clip["image"][:, step]
    for size, maps in net(clip).context.items():
        assert torch.equal(maps, net(other).context[size])


def test_random_frames_differ_between_clips_and_calls():
    net, steps = encoder(), torch.arange(50.0).view(1, 50, 1, 1, 1)
    frames = net.context_frame(steps.expand(40, 50, 3, 64, 64))[:, 0, 0, 0]
    assert frames.min() < 10
    assert frames.max() >= 40
    assert not torch.equal(frames, net.context_frame(steps.expand(40, 50, 3, 64, 64))[:, 0, 0, 0])


def test_acting_leaves_the_context_branch_alone():
    net = encoder().train()
    before = {k: v.clone() for k, v in net.context_trunk.state_dict().items()}
    net.embed(preprocessed(IMAGES, 2, 1)).sum().backward()
    assert all(torch.equal(v, before[k]) for k, v in net.context_trunk.state_dict().items())
    assert all(p.grad is None for p in net.context_trunk.parameters())


def test_several_cameras_are_stacked_in_the_context():
    obs = {"left": IMAGES["image"], "right": IMAGES["image"]}
    settings = {"use": "contextwm.encoder", "depth": 4, "image_keys": "left|right"}
    net = structure_part("encoder", settings).build(obs=obs)
    maps = net(preprocessed(obs, 2, 3)).context
    assert {size: tuple(x.shape) for size, x in maps.items()} == {
        32: (2, 4, 32, 32),
        16: (2, 8, 16, 16),
        8: (2, 16, 8, 8),
    }


def test_an_encoder_needs_an_image():
    obs = {"joints": TensorSpec((7,), "float32")}
    part = structure_part("encoder", {"use": "contextwm.encoder", "vector_keys": "joints"})
    with pytest.raises(UsageError, match="no context"):
        part.build(obs=obs)


def test_gradients_flow_from_pictures_into_the_context_branch():
    enc, dec, clip = encoder().train(), decoder().train(), preprocessed(IMAGES, 2, 3)
    context = enc(clip).context
    dist = dec(torch.randn(2, 3, FEAT), context)["image"]
    (-dist.log_prob(clip["image"])).mean().backward()
    assert enc.context_trunk.stem.weight.grad.abs().sum() > 0
    assert dec.stages[0][0].attention.in_proj.weight.grad.abs().sum() > 0


def test_only_coarse_resolutions_attend_and_only_in_their_first_layer():
    dec = decoder(res_layers=2)
    attending = [[isinstance(layer, AttendingLayer) for layer in stage] for stage in dec.stages]
    assert attending == [[True, False], [True, False], [False, False]]


def test_without_a_context_it_is_a_plain_decoder():
    feat = torch.randn(2, 3, FEAT)
    dec = decoder().eval()
    plain = structure_part(
        "decoder", {"use": "wmframe.resnet_decoder", "depth": 4, "res_layers": 1}
    ).build(obs=IMAGES, feat_dim=FEAT)
    plain.load_state_dict(dec.state_dict(), strict=False)
    assert torch.equal(plain.eval()(feat)["image"].mean(), dec(feat)["image"].mean())


def test_a_context_of_another_depth_is_refused():
    context = encoder(depth=6).eval()(preprocessed(IMAGES, 2, 3)).context
    with pytest.raises(UsageError, match="same depth"):
        decoder().eval()(torch.randn(2, 3, FEAT), context)


def test_heads_have_to_divide_the_channels():
    with pytest.raises(UsageError, match="3 heads"):
        decoder(heads=3)


def test_frames_of_a_clip_see_their_own_clips_context():
    layer, context = attention(mask(0.0)).eval(), torch.randn(2, 8, 4, 4)
    x, other = torch.randn(6, 8, 4, 4), context.clone()
    other[1] += 1
    same = (layer(x, context) == layer(x, other)).flatten(1).all(1)
    assert same.tolist() == [True] * 3 + [False] * 3


def test_hiding_and_choosing_agree():
    """The boolean mask of the warm-up and the chosen tokens are two ways to the same."""
    torch.manual_seed(0)
    layer, x, context = attention(mask(0.75)), torch.randn(6, 8, 4, 4), torch.randn(2, 8, 4, 4)
    torch.manual_seed(5)
    chosen = layer(x, context)
    layer.mask = mask(0.75, warmup=1)
    torch.manual_seed(5)
    assert torch.allclose(layer(x, context), chosen, atol=1e-6)


@pytest.mark.parametrize("warmup", [0, 1])
def test_every_frame_draws_its_own_tokens(warmup):
    visible = mask(0.75, warmup)(50, 64, torch.zeros(1))
    rows = visible.mask if warmup else torch.zeros(50, 64).scatter(1, visible.tokens, 1.0)
    assert (rows.sum(1) == 16).all()
    assert len(rows.unique(dim=0)) == 50
    assert rows.any(0).all()


def test_warm_up_counts_training_only_and_keeps_a_token():
    token_mask = mask(0.5, warmup=4, in_eval=False)
    kept = [int(token_mask(1, 8, torch.zeros(1)).mask.sum()) for _ in range(6)]
    assert kept == [1, 2, 3, 4, 4, 4]
    token_mask.eval()
    assert token_mask(1, 8, torch.zeros(1)) == (None, None)
    assert int(token_mask.calls) == 6


def test_evaluation_is_unmasked_and_repeatable_unless_asked():
    feat, context = torch.randn(2, 3, FEAT), encoder().eval()(preprocessed(IMAGES, 2, 3)).context
    for asked, equal in ((False, True), (True, False)):
        dec = decoder(mask_in_eval=asked).eval()
        with torch.no_grad():
            torch.nn.init.normal_(dec.stages[0][0].attention.kv_position)
        first, second = (dec(feat, context)["image"].mean() for _ in range(2))
        assert torch.equal(first, second) == equal


def test_dropout_acts_in_training_alone():
    layer, x, context = attention(mask(0.0), 0.5), torch.randn(2, 8, 4, 4), torch.randn(2, 8, 4, 4)
    assert not torch.equal(layer(x, context), layer(x, context))
    layer.eval()
    assert torch.equal(layer(x, context), layer(x, context))


def test_attention_feeds_the_convolutions_but_not_the_shortcut():
    class Paint(torch.nn.Module):
        def forward(self, x, context):
            return x + context

    layer = AttendingLayer(4, 4, "none", Paint()).requires_grad_(False)
    x, context = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    assert not torch.equal(layer(x), layer(x, context))
    layer.conv2.weight.zero_()
    assert torch.equal(layer(x, context), x.relu())
