"""Functions and networks against numbers recorded from the authors' code."""

from __future__ import annotations

import pytest
import torch
from recorded_v3 import Case, Modes

from wmframe.nn.block_gru import BlockGRU
from wmframe.nn.blocks import BlockLinear
from wmframe.nn.distributions.two_hot import TwoHot
from wmframe.nn.latents import CategoricalLatent
from wmframe.nn.rms_norm import RMSNorm
from wmframe.nn.symlog import symexp, symlog
from wmframe.types import TensorSpec
from wmframe_dreamerv3.config import DecoderConfig, NetsConfig, RSSMConfig
from wmframe_dreamerv3.decoder import V3Decoder
from wmframe_dreamerv3.encoder import V3Encoder
from wmframe_dreamerv3.rssm import RSSM, RSSMState

OBS = {"image": TensorSpec((64, 64, 3), "uint8"), "vec": TensorSpec((5,), "float32")}


def test_golden_symlog():
    case = Case("case01", "symlog")
    case.compare("out/symlog", symlog(case["in/x"]))
    case.compare("out/symexp_of_symlog", symexp(symlog(case["in/x"])))


def test_golden_two_hot():
    case = Case("case01", "twohot")
    logit = case["in/logits"].requires_grad_()
    dist = TwoHot(logit)
    loss = -dist.log_prob(case["in/target"])
    case.compare("out/bins", dist.bins)
    case.compare("out/pred", dist.mean())
    case.compare("out/loss", loss)
    case.compare("grad/logits", torch.autograd.grad(loss.sum(), logit)[0])
    for dtype in (torch.float32, torch.float64):
        assert TwoHot(torch.zeros(1, 255, dtype=dtype)).mean().item() == 0


def test_golden_unimix():
    case = Case("case01", "unimix")
    a, b = case["in/a"].requires_grad_(), case["in/b"].requires_grad_()
    latent = CategoricalLatent(*a.shape[-2:], unimix=0.01)
    stats_a, stats_b = latent.stats(a.flatten(-2)), latent.stats(b.flatten(-2))
    case.compare("out/logp_a", stats_a[0])
    case.compare("out/entropy", latent.entropy(stats_a))
    kl = latent.kl(stats_a, stats_b)
    case.compare("out/kl", kl)
    for name, grad in zip("ab", torch.autograd.grad(kl.sum(), (a, b)), strict=True):
        case.compare(f"grad/{name}", grad)


def test_golden_rms_norm():
    case = Case("case01", "rms_norm")
    norm = RMSNorm(12).double()
    norm.weight.data.copy_(case["param/norm/scale"])
    x = case["in/x"].requires_grad_()
    y = norm(x)
    case.compare("out/y", y)
    grads = torch.autograd.grad((y * case["in/probe"]).sum(), (x, norm.weight))
    case.compare("grad/x", grads[0])
    case.compare("grad/norm/scale", grads[1])


def test_golden_block_linear():
    case = Case("case02", "block_linear")
    layer = BlockLinear(32, 64, 8).double()
    layer.weight.data.copy_(case["param/block/kernel"])
    layer.bias.data.copy_(case["param/block/bias"])
    x = case["in/x"].requires_grad_()
    y = layer(x)
    case.compare("out/y", y)
    loss = (y * case["in/probe"]).sum()
    grads = torch.autograd.grad(loss, (x, layer.weight, layer.bias))
    for name, grad in zip(("x", "block/kernel", "block/bias"), grads, strict=True):
        case.compare(f"grad/{name}", grad)


def test_golden_block_gru():
    case = Case("case02", "core")
    core = case.load(BlockGRU(32, 30, 4, 12, 8), room="core.")
    inputs = {name: case[f"in/{name}"].requires_grad_() for name in ("deter", "stoch", "action")}
    deter = core(inputs["deter"], inputs["stoch"].flatten(-2), inputs["action"])
    case.compare("out/deter", deter)
    loss = (deter * case["in/probe"]).sum()
    case.compare_gradients(core, loss, "dyn", "core.")
    for name, grad in zip(inputs, torch.autograd.grad(loss, list(inputs.values())), strict=True):
        case.compare(f"grad/{name}", grad)


def small_rssm(case, embed, action):
    dims = case.dims
    config = RSSMConfig(dims["deter"], dims["hidden"], dims["stoch"], dims["classes"])
    return RSSM(config, embed_dim=embed, action_dim=action, noise=Modes())


def actions(case, name):
    action = case[f"in/{name}"]
    if action.is_floating_point():
        return action
    return torch.nn.functional.one_hot(action.long(), case.dims["A"]).double()


@pytest.mark.parametrize("variant", ["continuous", "discrete"])
def test_golden_rssm(variant):
    case = Case("case03", variant)
    rssm = case.load(small_rssm(case, 11, case.dims["A"]))
    zeros = torch.zeros_like(case["in/state/stoch"])
    state = RSSMState(case["in/state/deter"], case["in/state/stoch"], zeros)
    is_first = case["in/is_first"].double()
    observed = rssm.observe(case["in/tokens"], actions(case, "action"), is_first, state)
    post, prior = observed
    case.compare("out/deter", post.deter)
    case.compare("out/stoch", post.stoch)
    dyn = rssm.latent.kl((post.logp.detach(),), (prior.logp,)).clamp(min=1)
    rep = rssm.latent.kl((post.logp,), (prior.logp.detach(),)).clamp(min=1)
    case.compare("out/dyn", dyn)
    case.compare("out/rep", rep)
    terms, _ = rssm.losses(observed)
    assert torch.allclose(terms["dyn"], dyn.mean()) and torch.allclose(terms["rep"], rep.mean())
    probes = (
        (post.deter * case["in/probe_deter"]).sum(),
        (post.stoch * case["in/probe_stoch"]).sum(),
    )
    loss = dyn.sum() + 0.1 * rep.sum() + sum(probes)
    case.compare("out/loss", loss[None])
    case.compare_gradients(rssm, loss, "dyn")
    state = RSSMState(*(x[:, -1] for x in post))
    for step, action in enumerate(actions(case, "imagine_action").unbind(1)):
        state = rssm.imagine_step(state, action)
        wanted = case["out/imagined_deter"][:, step]
        assert (state.deter - wanted).abs().max() <= 2e-5 * wanted.abs().max()
        assert torch.equal(state.stoch.detach().round(), case["out/imagined_stoch"][:, step])


def centred(image):
    return image.movedim(-1, -3).double() / 255 - 0.5


def test_golden_encoder():
    case = Case("case04", "encoder")
    encoder = case.load(V3Encoder(NetsConfig(case.dims["depth"], case.dims["units"]), obs=OBS))
    data = {"image": centred(case["in/image"]), "vec": case["in/vec"]}
    tokens = encoder(data).embed
    case.compare("out/tokens", tokens)
    case.compare_gradients(encoder, (tokens * case["in/probe"]).sum(), "enc")


def test_golden_decoder():
    case, seen = Case("case04", "decoder"), Case("case04", "encoder")
    dims = case.dims
    config = DecoderConfig(dims["depth"], dims["units"], deter=dims["deter"])
    decoder = case.load(V3Decoder(config, feat_dim=dims["deter"] + 30, obs=OBS))
    deter, stoch = case["in/deter"], case["in/stoch"].flatten(-2)
    found = decoder(torch.cat([deter, stoch], -1))
    losses = {
        "image": -found["image"].log_prob(centred(seen["in/image"])),
        "vec": -found["vec"].log_prob(seen["in/vec"]),
    }
    for name, loss in losses.items():
        case.compare(f"out/{name}_loss", loss)
    image = found["image"].mean().movedim(-3, -1) + 0.5
    case.compare("out/image_strided3", image[..., ::3, ::3, :])
    total = sum(losses.values()).mean()
    case.compare("out/loss", total[None])
    case.compare_gradients(decoder, total, "dec")
