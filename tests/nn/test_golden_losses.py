"""Functions without parameters against the recorded numbers of tests/golden."""

import pytest
import torch

from support.golden import GoldenCase, variants
from wmframe.nn.kl import balanced_kl
from wmframe.nn.latents import CategoricalLatent, GaussianLatent
from wmframe.nn.returns import lambda_return
from wmframe.nn.stream_norm import StreamNorm

# The side-car does not tell them; they are the published ones.
GAUSS_SETTINGS = {"forward": False, "balance": 0.8, "free": 0.0, "free_avg": True}
KL_VARIANTS = [name for name in variants("case04") if "balance" in name]


@pytest.mark.parametrize("name", KL_VARIANTS)
def test_golden_categorical_kl(name):
    case = GoldenCase("case04")
    settings = case.variant(name)
    level = name.split("/")[0]
    post = case[f"{level}/in/post_logit"].requires_grad_()
    prior = case[f"{level}/in/prior_logit"].requires_grad_()
    latent = CategoricalLatent(*post.shape[-2:])
    keys = ("forward", "balance", "free", "free_avg")
    loss, value = balanced_kl((post,), (prior,), latent, **{k: settings[k] for k in keys})
    loss.backward()
    case.compare(f"{name}/out/loss", loss)
    case.compare(f"{name}/grad/post_logit", post.grad)
    case.compare(f"{name}/grad/prior_logit", prior.grad)
    case.compare(f"{level}/fwd{int(settings['forward'])}/out/value", value)


def test_golden_gaussian_kl():
    case = GoldenCase("case04")
    if "gauss/in/post_mean" not in case:
        pytest.skip("no Gaussian variant")
    stats = case.tensors("gauss/in/")
    for tensor in stats.values():
        tensor.requires_grad_()
    latent = GaussianLatent(stats["post_mean"].shape[-1], "sigmoid2", 0.1)
    loss, value = balanced_kl(
        (stats["post_mean"], stats["post_std"]),
        (stats["prior_mean"], stats["prior_std"]),
        latent,
        **GAUSS_SETTINGS,
    )
    loss.backward()
    case.compare("gauss/out/loss", loss)
    case.compare("gauss/out/value", value)
    case.compare_all("gauss/grad/", {name: tensor.grad for name, tensor in stats.items()})


@pytest.mark.parametrize("name", variants("case12"))
def test_golden_lambda_return(name):
    case = GoldenCase("case12")
    settings = case.variant(name)
    inputs = {key: tensor.requires_grad_() for key, tensor in case.tensors("in/").items()}
    discount = inputs["pcont"] if settings["pcont"] == "tensor" else settings["pcont"]
    bootstrap = inputs["bootstrap"] if settings["bootstrap"] else None
    returns = lambda_return(
        inputs["reward"], inputs["value"], discount, bootstrap, settings["lambda_"]
    )
    (returns * inputs["probe"].detach()).sum().backward()
    case.compare(f"{name}/out/returns", returns)
    recorded = case.tensors(f"{name}/grad/")
    case.compare_all(f"{name}/grad/", {key: inputs[key].grad for key in recorded})


@pytest.mark.parametrize("name", variants("case13"))
def test_golden_stream_norm(name):
    case = GoldenCase("case13")
    settings = case.variant(name)
    norm = StreamNorm(*(settings[key] for key in ("momentum", "scale", "eps", "init")))
    for call in range(len(case.tensors("in/"))):
        y = norm(case[f"in/x{call}"])
        case.compare(f"{name}/out/y{call}", y)
        case.compare(f"{name}/out/mag{call}", norm.mag)
    assert norm.mag.dtype == torch.float64
