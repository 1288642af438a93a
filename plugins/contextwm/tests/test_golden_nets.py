"""Encoder and decoder against the recorded numbers of tests/golden."""

from __future__ import annotations

import pytest
import torch

from support.golden import (
    FixedNoise,
    GoldenCase,
    gradients,
    load_params,
    pixels,
    variants,
)
from wmframe.types import TensorSpec
from wmframe_contextwm.config_nets import ContextDecoderConfig, ContextEncoderConfig
from wmframe_contextwm.decoder import ContextDecoder
from wmframe_contextwm.encoder import ContextEncoder
from wmframe_contextwm.reference import CONTEXT_DECODER, CONTEXT_ENCODER

FRAMES = {"trand": "random", "t0": "first", "tlast": "last"}
SIZES = (32, 16, 8)


def settings_of(config_class, settings, **changes):
    """Our settings of a network, given the reference's."""
    same = ("act", "norm", "res_norm", "res_depth", "res_layers")
    shared = {key: settings[key] for key in same} | {"depth": settings["cnn_depth"]}
    return config_class(**shared, **changes)


def image_obs(image):
    channels, height, width = image.shape[-3:]
    return {"image": TensorSpec((height, width, channels), "uint8")}


def make_encoder(case, frame):
    image, index = case["in/image"], case["in/context_index"]
    noise = FixedNoise([(index + 0.5) / image.shape[1]])
    settings = settings_of(
        ContextEncoderConfig,
        case.meta["variants"],
        frame=frame,
        context_layers=case.meta["variants"]["ctx_res_layers"],
    )
    encoder = ContextEncoder(settings, obs=image_obs(image), noise=noise)
    load_params(encoder, case.tensors("param/"), CONTEXT_ENCODER)
    return encoder


def compare_buffers(case, prefix, module, renames):
    recorded = case.tensors(prefix)
    ours, names = dict(module.named_buffers()), renames.to_ours(recorded)
    assert set(names) == set(recorded)
    case.compare_all(prefix, {theirs: ours[name] for theirs, name in names.items()})


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("choice", FRAMES)
def test_golden_context_encoder(choice, training):
    case = GoldenCase("case07")
    prefix = f"{choice}/{'train' if training else 'eval'}/"
    if not case.tensors(prefix):
        pytest.skip("not recorded")
    encoder = make_encoder(case, FRAMES[choice]).train(training)
    encoded = encoder({"image": pixels(case["in/image"])})
    assert tuple(encoded.context) == SIZES
    case.compare(f"{prefix}out/embed", encoded.embed)
    loss = (encoded.embed * case["in/probe.embed"]).sum()
    for size, maps in encoded.context.items():
        if f"{prefix}out/shortcut{size}" in case:
            case.compare(f"{prefix}out/shortcut{size}", maps)
        loss = loss + (maps * case[f"in/probe.shortcut{size}"]).sum()
    names = case.meta["variants"]["grad_names"]
    case.compare_gradients(prefix, names, gradients(encoder, loss, CONTEXT_ENCODER, names))
    compare_buffers(case, f"{prefix}after/", encoder, CONTEXT_ENCODER)


def test_golden_acting_sees_no_context():
    case = GoldenCase("case07")
    encoder = make_encoder(case, "random").eval()
    embed = encoder.embed({"image": pixels(case["in/image"])[:, :1]})
    case.compare("policy/out/embed", embed[:, 0])


def make_decoder(case, mask, warmup=0):
    settings = settings_of(
        ContextDecoderConfig,
        case.meta["hparams"],
        mask=mask,
        mask_warmup=warmup,
        mask_in_eval=True,
        heads=case.meta["hparams"]["num_head"],
        dropout=0.0,
    )
    noise = FixedNoise([case[f"in/mask_rand.res{i}"] for i in range(2)])
    feat, image = case["in/feat"], case["in/image"]
    decoder = ContextDecoder(settings, feat_dim=feat.shape[-1], obs=image_obs(image), noise=noise)
    counters = {k: v for k, v in decoder.state_dict().items() if k.endswith("mask.calls")}
    params = case.tensors("param/")
    names = CONTEXT_DECODER.to_ours(params)
    assert set(names) == set(params)
    ours = {names[name]: tensor for name, tensor in params.items()}
    decoder.double().load_state_dict(ours | counters)
    return decoder


def context_of(case):
    return {size: case[f"in/shortcut{size}"].requires_grad_() for size in SIZES}


def compare_means(case, prefix, dist):
    image = pixels(case["in/image"])
    case.compare(f"{prefix}out/mean_strided3", dist.mean()[..., ::3, ::3])
    log_prob = dist.log_prob(image)
    case.compare(f"{prefix}out/log_prob", log_prob)
    return -log_prob.mean()


@pytest.mark.parametrize("name", variants("case10"))
def test_golden_context_decoder(name):
    case = GoldenCase("case10")
    variant = case.variant(name)
    decoder = make_decoder(case, variant["attmask"]).train(variant["train"])
    feat, context = case["in/feat"].requires_grad_(), context_of(case)
    loss = compare_means(case, f"{name}/", decoder(feat, context)["image"])
    names = variant["grad_names"]
    grads = gradients(decoder, loss, CONTEXT_DECODER, names)
    case.compare_gradients(f"{name}/", names, grads)
    assert {key for key, grad in grads.items() if grad is None} == set(variant["no_grad"])
    case.compare(f"{name}/grad/feat", torch.autograd.grad(loss, feat, retain_graph=True)[0])
    for size, maps in context.items():
        if f"{name}/grad/shortcut{size}" in case:
            grad = torch.autograd.grad(loss, maps, retain_graph=True)[0]
            case.compare(f"{name}/grad/shortcut{size}", grad)
    compare_buffers(case, f"{name}/after/", decoder, CONTEXT_DECODER)


def test_golden_two_contexts_for_each_clip():
    case = GoldenCase("case10")
    decoder = make_decoder(case, 0.0).eval()
    context = {size: torch.stack([x, x.flip(0)], 1) for size, x in context_of(case).items()}
    compare_means(case, "eval_mask0_K2/", decoder(case["in/feat"], context)["image"])


def test_golden_mask_warms_up():
    case = GoldenCase("case10")
    steps = case["warmup10/out/step_mask"]
    decoder = make_decoder(case, float(steps[-1, 1]), warmup=10).train()
    mask = decoder.stages[0][0].attention.mask
    mask.noise.uniforms.clear()
    found = []
    for _ in steps:
        decoder(case["in/feat"], context_of(case))
        found.append([float(mask.calls), float(mask.share())])
    case.compare("warmup10/out/step_mask", torch.tensor(found, dtype=torch.float64))
