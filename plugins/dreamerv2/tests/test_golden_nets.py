"""RSSM, encoders, decoders and heads against the recorded numbers of tests/golden."""

import attrs
import pytest
import torch

from support.golden import (
    FixedNoise,
    GoldenCase,
    cases,
    gradients,
    load_params,
    pixels,
    variants,
)
from wmframe.config import default_part
from wmframe.models.config import HeadConfig
from wmframe.models.config_nets import ResNetConfig
from wmframe.models.heads import make_head
from wmframe.models.resnet import ResNetDecoder, ResNetEncoder
from wmframe.nn.gru import GRUCell
from wmframe.types import TensorSpec
from wmframe_dreamerv2.config_nets import CnnDecoderConfig, CnnEncoderConfig, RSSMConfig
from wmframe_dreamerv2.decoders import CnnDecoder
from wmframe_dreamerv2.encoders import CnnEncoder
from wmframe_dreamerv2.reference import names as reference
from wmframe_dreamerv2.rssm import RSSM, RSSMState

GRU = reference.Renames(
    [
        reference.Rename("linear.{leaf}", "_layer.{leaf}"),
        reference.Rename("norm.{leaf}", "_norm.{leaf}"),
    ]
)
STATES = ("zero", "given")
GRADIENTS = ("nost", "st")


def image_obs(image):
    channels, height, width = image.shape[-3:]
    return {"image": TensorSpec((height, width, channels), "uint8")}


def probe(case, variant, name):
    return case[f"{variant}/in/{name}" if f"{variant}/in/{name}" in case else f"in/{name}"]


def modes(case, variant):
    return [mode for mode in ("eval", "train") if case.tensors(f"{variant}/{mode}/out/")]


def test_golden_gru_cell():
    case = GoldenCase("case01")
    x, state = case["in/input"].requires_grad_(), case["in/state"].requires_grad_()
    cell = GRUCell(x.shape[-1], state.shape[-1])
    params = case.tensors("param/")
    load_params(cell, params, GRU)
    out = cell(x, state)
    loss = (out * case["in/probe"]).sum()
    case.compare("out/state", out)
    case.compare_all("grad/", gradients(cell, loss, GRU, params))
    case.compare("grad/input", torch.autograd.grad(loss, x, retain_graph=True)[0])
    case.compare("grad/state", torch.autograd.grad(loss, state)[0])


def make_rssm(settings, params, action_dim, noise):
    names = {field.name for field in attrs.fields(RSSMConfig)} & set(settings)
    rssm = RSSM(
        RSSMConfig(
            **{name: settings[name] for name in names} | {"discrete": int(settings["discrete"])}
        ),
        embed_dim=params["obs_out.weight"].shape[1] - settings["deter"],
        action_dim=action_dim,
        noise=noise,
    )
    load_params(rssm, params, reference.RSSM)
    return rssm


def make_state(rssm, tensors, prefix):
    stats = tuple(tensors[prefix + field] for field in rssm.latent.fields)
    return RSSMState(stats, tensors[prefix + "stoch"], tensors[prefix + "deter"])


def named(rssm, state):
    """A state as the recorded tensors are named; a prior's sample is its mode."""
    stoch = rssm.latent.mode(state.stats) if state.stoch is None else state.stoch
    stats = dict(zip(rssm.latent.fields, state.stats, strict=True))
    return {**stats, "stoch": stoch, "deter": state.deter}


@pytest.mark.parametrize("name", variants("case02"))
def test_golden_rssm_steps(name):
    case = GoldenCase("case02")
    settings = case.variant(name)
    inputs = case.tensors(f"{name}/in/")
    member = torch.tensor((settings["ensemble_index"] + 0.5) / settings["ensemble"])
    noise = FixedNoise()
    rssm = make_rssm(settings, case.tensors(f"{name}/param/"), inputs["action"].shape[-1], noise)
    prev = make_state(rssm, inputs, "prev_state.")
    noise.uniforms.append(member)
    case.compare_all(
        f"{name}/out/img_step.", named(rssm, rssm.imagine_step(prev, inputs["action"], False))
    )
    sight = inputs["embed"], inputs["action"], inputs["is_first"]
    post = rssm.observe_step(prev, *sight, sample=False)
    case.compare_all(f"{name}/out/obs_step.post.", named(rssm, post))
    case.compare(f"{name}/out/feat", rssm.features(post))
    noise.uniforms.append(member)
    observed = rssm.observe(*(x.unsqueeze(1) for x in sight), prev)
    prior = {key: x.squeeze(1) for key, x in named(rssm, observed.prior).items()}
    case.compare_all(f"{name}/out/obs_step.prior.", prior)


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("start", STATES)
@pytest.mark.parametrize("name", variants("case03"))
def test_golden_rssm_observe_and_imagine(name, start, gradient):
    case = GoldenCase("case03")
    if not case.tensors(f"{name}/{start}/{gradient}/"):
        pytest.skip("not recorded")
    settings, params = case.variant(name), case.tensors(f"{name}/param/")
    inputs = case.tensors(f"{name}/in/")
    rssm = make_rssm(settings, params, inputs["action"].shape[-1], FixedNoise())
    rssm.latent.straight_through = gradient == "st"
    embed = inputs["embed"].requires_grad_()
    state = make_state(rssm, inputs, "state.") if start == "given" else None
    observed = rssm.observe(embed, inputs["action"], inputs["is_first"], state)
    out = f"{name}/{start}/out/"
    case.compare_all(out + "post.", named(rssm, observed.posterior))
    case.compare_all(out + "prior.", named(rssm, observed.prior))
    case.compare(out + "feat", rssm.features(observed.posterior))
    case.compare_all(out + "imagine.", imagined(rssm, observed.posterior, inputs["imagine_action"]))
    found = {"post": observed.posterior, "prior": observed.prior}
    loss = 0.0
    for key, weight in inputs.items():
        if key.startswith("probe."):
            _, which, field = key.split(".")
            loss = loss + (named(rssm, found[which])[field] * weight).sum()
    names = case.meta["variants"][f"{name}.grad_names"]
    prefix = f"{name}/{start}/{gradient}/"
    case.compare_gradients(prefix, names, gradients(rssm, loss, reference.RSSM, names))
    case.compare(prefix + "grad/embed", torch.autograd.grad(loss, embed)[0])


def imagined(rssm, posterior, actions):
    last = RSSMState(*(_last(x) for x in posterior))
    states = []
    for action in actions.unbind(1):
        last = rssm.imagine_step(last, action)
        states.append(named(rssm, last))
    return {key: torch.stack([state[key] for state in states], 1) for key in states[0]}


def _last(x):
    return tuple(y[:, -1] for y in x) if isinstance(x, tuple) else x[:, -1]


def config_of(name, settings, plain):
    shared = {
        "depth": settings["cnn_depth"],
        "act": settings["act"],
        "norm": settings["norm"],
        "image_keys": settings["cnn_keys"],
        "vector_keys": settings["mlp_keys"],
        "vector_layers": settings["mlp_layers"],
    }
    residual = {key: settings[key] for key in ("res_depth", "res_layers", "res_norm")}
    if name == "resnet":
        return ResNetConfig(**shared, **residual)
    return plain(**shared, kernels=settings["cnn_kernels"])


@pytest.mark.parametrize(
    ("prefix", "kind", "name"),
    [("case05", ResNetEncoder, name) for name in variants("case05")]
    + [("case06", CnnEncoder, name) for name in variants("case06")],
)
def test_golden_encoder(prefix, kind, name):
    case = GoldenCase(prefix)
    settings = case.variant(name)
    image = probe(case, name, "image")
    for mode in modes(case, name):
        style = "resnet" if kind is ResNetEncoder else "cnn"
        config = config_of(style, settings, CnnEncoderConfig)
        encoder = kind(config, obs=image_obs(image))
        load_params(encoder, case.tensors(f"{name}/param/"), reference.ENCODER)
        encoder.train(mode == "train")
        embed = encoder({"image": pixels(image)}).embed
        case.compare(f"{name}/{mode}/out/embed", embed)
        assert embed.shape[-1] == encoder.embed_dim
        loss = (embed * probe(case, name, "probe.embed")).sum()
        names = settings["grad_names"]
        grads = gradients(encoder, loss, reference.ENCODER, names)
        case.compare_gradients(f"{name}/{mode}/", names, grads)
        compare_buffers(case, f"{name}/{mode}/after/", encoder, reference.ENCODER)


@pytest.mark.parametrize(
    ("prefix", "kind", "name"),
    [("case08", ResNetDecoder, name) for name in variants("case08")]
    + [("case09", CnnDecoder, name) for name in variants("case09")],
)
def test_golden_decoder(prefix, kind, name):
    case = GoldenCase(prefix)
    settings = case.variant(name)
    image = probe(case, name, "image")
    for mode in modes(case, name):
        feat = probe(case, name, "feat").requires_grad_()
        style = "resnet" if kind is ResNetDecoder else "cnn"
        config = config_of(style, settings, CnnDecoderConfig)
        decoder = kind(config, obs=image_obs(image), feat_dim=feat.shape[-1])
        load_params(decoder, case.tensors(f"{name}/param/"), reference.DECODER)
        decoder.train(mode == "train")
        dist = decoder(feat)["image"]
        log_prob = dist.log_prob(pixels(image))
        case.compare(f"{name}/{mode}/out/mean_strided3", dist.mean()[..., ::3, ::3])
        case.compare(f"{name}/{mode}/out/log_prob", log_prob)
        loss = -log_prob.mean()
        names = settings["grad_names"]
        grads = gradients(decoder, loss, reference.DECODER, names)
        case.compare_gradients(f"{name}/{mode}/", names, grads)
        case.compare(f"{name}/{mode}/grad/feat", torch.autograd.grad(loss, feat)[0])
        compare_buffers(case, f"{name}/{mode}/after/", decoder, reference.DECODER)


def compare_buffers(case, prefix, module, renames):
    ours = dict(module.named_buffers())
    names = renames.to_ours(case.tensors(prefix))
    case.compare_all(prefix, {theirs: ours[name] for theirs, name in names.items()})


@pytest.mark.parametrize("name", variants("case11"))
def test_golden_head(name):
    case = GoldenCase("case11")
    settings = case.variant(name)
    feat = probe(case, name, "feat")
    value = case[f"{name}/in/value"]
    config = HeadConfig(
        **{key: settings[key] for key in ("layers", "units", "act", "norm")},
        output=default_part("output", {"use": settings["dist"], **options(settings)}),
    )
    head = make_head(config, feat.shape[-1], tuple(settings["shape"]))
    load_params(head, case.tensors(f"{name}/param/"), reference.HEAD)
    dist = head(feat)
    case.compare(f"{name}/out/mode", dist.mode())
    case.compare(f"{name}/out/log_prob", dist.log_prob(value))
    loss = {"trunc_normal": trunc_normal, "onehot": one_hot}.get(settings["dist"], regression)(
        case, name, dist, value
    )
    names = settings["grad_names"]
    case.compare_gradients(f"{name}/", names, gradients(head, loss, reference.HEAD, names))


def options(settings):
    return {key: settings[key] for key in ("min_std",) if key in settings}


def regression(case, name, dist, value):
    if f"{name}/out/mean" in case:
        case.compare(f"{name}/out/mean", dist.mean())
    return -dist.log_prob(value).mean()


def one_hot(case, name, dist, value):
    case.compare(f"{name}/out/probs", dist.mean())
    case.compare(f"{name}/out/entropy", dist.entropy())
    sample = dist.sample(FixedNoise())
    probes = (sample * case[f"{name}/in/probe"]).sum()
    return probes + dist.entropy().sum() + dist.log_prob(value).sum()


def trunc_normal(case, name, dist, value):
    weight, uniform = case[f"{name}/in/probe"], case[f"{name}/in/uniform"]
    sample = dist.sample(FixedNoise([uniform]))
    found = {"loc": dist.loc, "scale": dist.scale, "mean": dist.mean(), "sample": sample}
    found |= {"entropy": dist.entropy(), "icdf": dist.icdf(uniform)}
    case.compare_all(f"{name}/out/", found)
    losses = {
        "entropy": dist.entropy().sum(),
        "log_prob": dist.log_prob(value).sum(),
        "sample": (sample * weight).sum(),
        "mode": (dist.mode() * weight).sum(),
    }
    for key in case.tensors(f"{name}/grad/"):
        what, _, by = key.partition(".")
        grad = torch.autograd.grad(losses[what], getattr(dist, by), retain_graph=True)[0]
        case.compare(f"{name}/grad/{key}", grad)
    return losses["sample"] + losses["entropy"]


@pytest.mark.parametrize("name", cases("case15_dreamerv2"))
def test_golden_names_of_a_whole_model_are_all_known(name):
    known = {
        "wm.rssm.": reference.RSSM,
        "wm.encoder.": reference.ENCODER,
        "wm.heads.decoder.": reference.DECODER,
        "wm.heads.reward.": reference.HEAD,
        "wm.heads.discount.": reference.HEAD,
    }
    case = GoldenCase(name)
    for prefix, renames in known.items():
        params = case.tensors(f"param/{prefix}")
        assert set(renames.to_ours(params)) == set(params)
