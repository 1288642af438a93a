"""Encoders and decoders: which observations they take, sizes, and what they refuse."""

from __future__ import annotations

import pytest
import torch

from wmframe.errors import UsageError
from wmframe.models.config_nets import ResNetConfig
from wmframe.models.resnet import ResNetDecoder, ResNetEncoder
from wmframe.types import TensorSpec
from wmframe_dreamerv2.config_nets import CnnDecoderConfig, CnnEncoderConfig
from wmframe_dreamerv2.decoders import CnnDecoder
from wmframe_dreamerv2.encoders import CnnEncoder

B, T, F = 2, 3, 7
OBS = {
    "image": TensorSpec((64, 64, 3), "uint8"),
    "image_wrist": TensorSpec((64, 64, 1), "uint8"),
    "position": TensorSpec((5,), "float32"),
    "speed": TensorSpec((), "float32"),
}
ENCODERS = [(ResNetEncoder, ResNetConfig), (CnnEncoder, CnnEncoderConfig)]
DECODERS = [(ResNetDecoder, ResNetConfig), (CnnDecoder, CnnDecoderConfig)]
SMALL = {"depth": 2, "vector_layers": (6, 4)}


def build(kind, config, obs=OBS, **changes):
    runtime = {"obs": obs} | (
        {"feat_dim": F} if issubclass(kind, (ResNetDecoder, CnnDecoder)) else {}
    )
    return kind(config(**SMALL | changes), **runtime)


def batch(obs=OBS):
    out = {}
    for key, spec in obs.items():
        data = torch.rand(B, T, *spec.shape)
        out[key] = data.permute(0, 1, 4, 2, 3) - 0.5 if len(spec.shape) == 3 else data
    return out


@pytest.mark.parametrize(("kind", "config"), ENCODERS)
@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"image_keys": ".*"},
        {"vector_keys": "position|speed"},
        {"image_keys": "$^", "vector_keys": ".*"},
    ],
)
def test_encoders_embed_whatever_matches(kind, config, keys):
    encoder = build(kind, config, **keys)
    embed = encoder(batch()).embed
    assert embed.shape == (B, T, encoder.embed_dim)


def test_several_images_are_stacked_on_their_channels():
    encoder = build(CnnEncoder, CnnEncoderConfig, image_keys="image.*")
    assert encoder.trunk.convs[0].in_channels == 4
    assert encoder.embed_dim == build(CnnEncoder, CnnEncoderConfig, image_keys="image").embed_dim


@pytest.mark.parametrize(("kind", "config"), DECODERS)
def test_decoders_predict_each_observation_that_matches(kind, config):
    decoder = build(kind, config, image_keys="image.*", vector_keys="position|speed")
    dists = decoder(torch.randn(B, T, F))
    truth = batch()
    assert set(dists) == set(OBS)
    for key in OBS:
        assert dists[key].log_prob(truth[key]).shape == (B, T), key
    assert dists["image_wrist"].mean().shape == (B, T, 1, 64, 64)


@pytest.mark.parametrize(("kind", "config"), [*ENCODERS, *DECODERS])
def test_nothing_to_do_is_refused_with_what_there_is(kind, config):
    with pytest.raises(UsageError, match="position"):
        build(kind, config, image_keys="camera")


@pytest.mark.parametrize(("kind", "config"), [*ENCODERS, DECODERS[0], DECODERS[1]])
def test_images_of_another_size_are_refused_or_fit(kind, config):
    obs = {"image": TensorSpec((60, 12, 3), "uint8")}
    with pytest.raises(UsageError, match=r"image"):
        build(kind, config, obs)


def test_a_resnet_fits_other_sizes():
    obs = {"image": TensorSpec((32, 48, 3), "uint8")}
    encoder, decoder = (
        build(ResNetEncoder, ResNetConfig, obs),
        build(ResNetDecoder, ResNetConfig, obs),
    )
    assert encoder(batch(obs)).embed.shape == (B, T, 64 // 8 * 2 * 3)
    assert decoder(torch.randn(B, T, F))["image"].mean().shape == (B, T, 3, 32, 48)


@pytest.mark.parametrize("norm", ["none", "batch", "group", "layer"])
def test_every_residual_norm_trains(norm):
    encoder = build(ResNetEncoder, ResNetConfig, res_norm=norm)
    decoder = build(ResNetDecoder, ResNetConfig, res_norm=norm)
    embed = encoder(batch()).embed
    dist = decoder(torch.randn(B, T, F))["image"]
    (embed.square().mean() - dist.log_prob(batch()["image"]).mean()).backward()
    params = [*encoder.parameters(), *decoder.parameters()]
    assert all(p.grad is not None and p.grad.isfinite().all() for p in params)


def test_a_decoder_refines_each_resolution_with_the_context_at_hand():
    seen = []

    class Looking(ResNetDecoder):
        def refine(self, stage, x, context):
            seen.append((x.shape[-1], sorted(context)))
            return super().refine(stage, x, context)

    context = {8: torch.zeros(B, 1, 8, 8), 16: torch.zeros(B, 1, 16, 16)}
    build(Looking, ResNetConfig)(torch.randn(B, T, F), context)
    assert seen == [(side, [8, 16]) for side in (8, 16, 32)]


def test_the_maps_of_a_resnet_come_finest_first_before_pooling():
    trunk = build(ResNetEncoder, ResNetConfig).trunk
    maps = list(trunk.maps(torch.zeros(1, 3, 64, 64)))
    assert [tuple(m.shape[1:]) for m in maps] == [(2, 32, 32), (4, 16, 16), (8, 8, 8)]
