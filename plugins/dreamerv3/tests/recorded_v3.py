"""Recorded numbers of danijar/dreamerv3: the cases, and our names for its parameters.

The folder is ``golden_v3`` beside this file, or what ``WMFRAME_GOLDEN_V3`` names. Models are built
and compared in float64; what was recorded in float32 has to be met to 2e-5 of its largest entry,
gradients of whole models to 2e-4.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from wmframe.errors import MissingError
from wmframe.json_files import read_json
from wmframe.nn.noise import Noise
from wmframe.nn.one_hot import one_hot_argmax

TOLERANCE = 2e-5

RULES = [
    (r"dyn/dynin0(norm)?", r"core.from_deter"),
    (r"dyn/dynin1(norm)?", r"core.from_stoch"),
    (r"dyn/dynin2(norm)?", r"core.from_action"),
    (r"dyn/dynhid0norm", "core.norm"),
    (r"dyn/dynhid0", "core.hidden"),
    (r"dyn/dyngru", "core.gates"),
    (r"dyn/obs0(norm)?", "posterior.0.layers.0"),
    (r"dyn/obslogit", "posterior.1"),
    (r"dyn/prior(\d)(norm)?", r"prior.0.layers.\1"),
    (r"dyn/priorlogit", "prior.1"),
    (r"enc/cnn(\d)(norm)?", r"stages.\1"),
    (r"enc/mlp(\d)(norm)?", r"mlp.layers.\1"),
    (r"dec/mlp/(?:linear|norm)(\d)", r"mlp.layers.\1"),
    (r"dec/vec/(\w+)/pred", r"vectors.\1"),
    (r"dec/sp0", "from_deter"),
    (r"dec/sp1(norm)?", "from_stoch.0.layers.0"),
    (r"dec/sp2", "from_stoch.1"),
    (r"dec/spnorm", "norm"),
    (r"dec/conv(\d)(norm)?", lambda found: f"stages.{2 - int(found[1])}"),
    (r"dec/imgout", "image"),
    (r"\w+/mlp/(?:linear|norm)(\d)", r"trunk.layers.\1"),
    (r"\w+/head/(?:logits?|action/logits)", "output.linear"),
    (r"\w+/head/action/mean", "output.mean"),
    (r"\w+/head/action/stddev", "output.std"),
]
"""Patterns of the reference's modules, and ours."""

PLACES = {
    "enc": "world_model.encoder",
    "dyn": "world_model.dynamics",
    "dec": "world_model.decoder",
    "rew": "world_model.heads.reward.head",
    "con": "world_model.heads.discount.head",
    "pol": "task.actor",
    "val": "task.critic",
    "slowval": "task.slow.net",
}
"""The reference's modules in our agent."""

SCALE = {"retnorm/lo/value": "task.scale.low", "retnorm/hi/value": "task.scale.high"}

BARE = re.compile(
    r"(core\.(norm|hidden|gates)|posterior\.1|prior\.1|vectors.*|from_deter|from_stoch\.1|norm|image|output\..*)$"
)
"""Modules of ours that are one layer, not a hidden layer of linear and norm."""


def our_name(name):
    """Our name of a parameter of the reference, without the part before its module."""
    module, _, leaf = name.rpartition("/")
    for pattern, ours in RULES:
        found = re.fullmatch(pattern, module)
        if found:
            ours = found.expand(ours) if isinstance(ours, str) else ours(found)
            break
    else:
        raise KeyError(name)
    weight = {"kernel": "weight", "scale": "weight", "bias": "bias"}[leaf]
    if BARE.fullmatch(ours):
        return f"{ours}.{weight}"
    layer = "norm" if leaf == "scale" else "conv" if ours.startswith("stages") else "linear"
    return f"{ours}.{layer}.{weight}"


def agent_name(name):
    """Our name of a parameter of the reference in an agent."""
    return SCALE.get(name) or f"{PLACES[name.partition('/')[0]]}.{our_name(name)}"


def ours(tensor, shape):
    """A parameter in our layout: linear layers and convolutions have their outputs first."""
    if tensor.dim() == 4:
        return tensor.permute(3, 2, 0, 1)
    if tensor.dim() == 2:
        return tensor.T
    return tensor.reshape(shape)


class Case:
    """A recorded case, all floats as float64."""

    def __init__(self, prefix, variant=""):
        chosen = Path(os.environ.get("WMFRAME_GOLDEN_V3", Path(__file__).parent / "golden_v3"))
        files = sorted(chosen.glob(f"{prefix}*.safetensors"))
        if not files:
            hint = "set WMFRAME_GOLDEN_V3 to a folder of golden cases, or unset it"
            raise MissingError(f"there is no {prefix}*.safetensors in {chosen}", hint)
        self.meta = read_json(files[0].with_suffix(".json"), dict[str, Any], finite=False)
        self.dims = self.meta["dims"]
        self.at = f"{variant}/" if variant else ""
        self.all = {
            name: tensor.double() if tensor.is_floating_point() else tensor
            for name, tensor in load_file(files[0]).items()
        }

    def __getitem__(self, name):
        return self.all[self.at + name]

    def under(self, prefix):
        start = f"{self.at}{prefix}/"
        return {n.removeprefix(start): x for n, x in self.all.items() if n.startswith(start)}

    def load(self, module, prefix="", room=""):
        """Give a module the recorded parameters; every one must have its place.

        Args:
            module: it becomes float64.
            prefix: of the reference's names that are taken, such as ``dyn/``.
            room: left out at the beginning of our names.
        """
        state = module.double().state_dict()
        for name, tensor in self.under("param").items():
            if name.startswith(prefix):
                key = our_name(name).removeprefix(room)
                state[key].copy_(ours(tensor, state[key].shape))
        return module

    def load_agent(self, agent):
        """Give an agent, which becomes float64, all that was recorded; nothing may be left over."""
        state, left = agent.double().state_dict(), {n for n, _ in agent.named_parameters()}
        for name, tensor in self.under("param").items():
            key = agent_name(name)
            state[key].copy_(ours(tensor, state[key].shape))
            left.discard(key)
        return agent, left

    def compare(self, name, actual, tolerance=TOLERANCE):
        wanted = self[name].double()
        assert actual.shape == wanted.shape, f"{name}: {actual.shape} != {wanted.shape}"
        worst, largest = (actual.detach().double() - wanted).abs().max(), wanted.abs().max()
        assert worst <= tolerance * largest + 1e-12, f"{name}: off by {worst / largest:.2g}"

    def compare_gradients(self, module, loss, prefix="", room="", tolerance=TOLERANCE):
        """Compare all recorded gradients of parameters that begin with ``prefix``."""
        names = [n for n in self.under("grad") if n.startswith(prefix) and "/" in n]
        keys = [our_name(name).removeprefix(room) for name in names]
        self.compare_named(module, loss, dict(zip(names, keys, strict=True)), tolerance)

    def compare_named(self, module, loss, named, tolerance):
        """Compare recorded gradients; ``named`` has our names by the reference's."""
        params = dict(module.named_parameters())
        names, keys = list(named), list(named.values())
        grads = torch.autograd.grad(loss, [params[key] for key in keys], retain_graph=True)
        assert names
        for name, key, grad in zip(names, keys, grads, strict=True):
            wanted = ours(self[f"grad/{name}"], params[key].shape)
            worst, largest = (grad - wanted).abs().max(), wanted.abs().max()
            assert worst <= tolerance * largest + 1e-12, f"{name}: off by {worst / largest:.2g}"


class Modes(Noise):
    """Latent samples become their mode."""

    def one_hot(self, probs):
        return one_hot_argmax(probs)
