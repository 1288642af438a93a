"""Names of the reference, both ways, and the published sizes."""

from __future__ import annotations

import json

import pytest
import torch

from support.golden import folder
from wmframe.models.config_nets import ResNetConfig
from wmframe.models.resnet import ResNetDecoder, ResNetEncoder
from wmframe.nn.noise import Noise
from wmframe.types import TensorSpec
from wmframe_dreamerv2.config_nets import (
    CnnDecoderConfig,
    CnnEncoderConfig,
    RSSMConfig,
)
from wmframe_dreamerv2.decoders import CnnDecoder
from wmframe_dreamerv2.encoders import CnnEncoder
from wmframe_dreamerv2.reference import names as reference
from wmframe_dreamerv2.reference.agent import AGENT
from wmframe_dreamerv2.rssm import RSSM

PATH = folder() / "reference_state_dict_layout.json"
LAYOUT = json.loads(PATH.read_text()) if PATH.exists() else {}
AGENTS = [name for name in LAYOUT if name.startswith("dreamerv2")]
OBS = {"image": TensorSpec((64, 64, 3), "uint8")}


def variables(agent, prefix=""):
    found = LAYOUT[agent]["variables"].items()
    return {k.removeprefix(prefix): tuple(v[1]) for k, v in found if k.startswith(prefix)}


@pytest.mark.parametrize("agent", AGENTS)
def test_golden_names_survive_a_round_trip(agent):
    names = [name for name in variables(agent) if not name.startswith("_expl_behavior")]
    ours = AGENT.to_ours(names)
    assert [name for name in names if name not in ours] == []
    back = AGENT.to_reference(ours.values())
    assert {name: back[mine] for name, mine in ours.items()} == {name: name for name in names}


def networks(agent):
    """The networks of an agent with default settings, which take no memory, and their names."""
    resnet = "wm.encoder.convin.weight" in variables(agent)
    kinds = (ResNetEncoder, ResNetDecoder) if resnet else (CnnEncoder, CnnDecoder)
    configs = (
        (ResNetConfig(), ResNetConfig()) if resnet else (CnnEncoderConfig(), CnnDecoderConfig())
    )
    action = variables(agent, "_task_behavior.actor.")["out.out.bias"][0]
    with torch.device("meta"):
        encoder = kinds[0](configs[0], obs=OBS)
        rssm = RSSM(
            RSSMConfig(),
            embed_dim=encoder.embed_dim,
            action_dim=action,
            noise=Noise(),
        )
        decoder = kinds[1](configs[1], obs=OBS, feat_dim=rssm.feat_dim)
    return {
        "wm.encoder.": (encoder, reference.ENCODER),
        "wm.rssm.": (rssm, reference.RSSM),
        "wm.heads.decoder.": (decoder, reference.DECODER),
    }


@pytest.mark.parametrize("agent", AGENTS)
def test_golden_defaults_have_the_published_names_and_shapes(agent):
    for prefix, (module, renames) in networks(agent).items():
        state = module.state_dict()
        names = renames.to_reference(state)
        shapes = {names[name]: tuple(tensor.shape) for name, tensor in state.items()}
        assert shapes == variables(agent, prefix)


def test_without_norms_the_second_convolution_has_another_name():
    ours = ["stages.0.1.conv1.weight", "stages.0.1.conv2.weight"]
    plain = reference.STAGES.to_reference(ours)
    normed = reference.STAGES.to_reference([*ours, "stages.0.1.norm1.weight"])
    assert plain[ours[1]] == "res0.stack.1.res_block.2.weight"
    assert normed[ours[1]] == "res0.stack.1.res_block.3.weight"


def test_unknown_names_are_left_out_both_ways():
    assert reference.RSSM.to_ours(["img_in.weight", "gru.weight"]) == {
        "img_in.weight": "img_in.weight"
    }
    assert reference.RSSM.to_reference(["img_out.x.weight"]) == {}
