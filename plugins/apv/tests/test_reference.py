"""Names and settings of the reference, both ways, at the published sizes."""

from __future__ import annotations

import json

import pytest

from support.golden import GoldenCase, cases, folder
from support.recorded import UNSAVED
from wmframe.recipe.structure import structure_part
from wmframe.types import ActionSpec, TensorSpec
from wmframe_apv.reference import AGENT, PREDICTOR, agent_settings, predictor_settings

PATH = folder() / "reference_state_dict_layout.json"
LAYOUT = json.loads(PATH.read_text()) if PATH.exists() else {}
LEARNERS = [name for name in LAYOUT if name.startswith("apv")]
OBS = {"image": TensorSpec((64, 64, 3), "uint8")}


def variables(name):
    """Names and shapes that the reference saves, without the second copy of its behavior."""
    found = LAYOUT[name]["variables"].items()
    return {k: tuple(v[1]) for k, v in found if not k.startswith("_expl_behavior")}


def table(name):
    return PREDICTOR if name == "apv_pretrain" else AGENT


@pytest.mark.parametrize("name", LEARNERS)
def test_golden_names_survive_a_round_trip(name):
    names = variables(name)
    ours = table(name).to_ours(names)
    assert [name for name in names if name not in ours] == []
    back = table(name).to_reference(ours.values())
    assert {theirs: back[mine] for theirs, mine in ours.items()} == {n: n for n in names}


@pytest.mark.parametrize("name", LEARNERS)
def test_golden_defaults_have_the_published_names_and_shapes(name):
    state = build(name).state_dict()
    names = table(name).to_reference(state)
    shapes = {names[mine]: tuple(x.shape) for mine, x in state.items() if mine in names}
    assert shapes == variables(name)
    unnamed = {mine for mine in state if mine not in names}
    assert unnamed <= UNSAVED


def build(name):
    if name == "apv_pretrain":
        return structure_part("learner", {"use": "apv.video_predictor"}).build(obs=OBS)
    size = LAYOUT[name]["config"]["action_dim"]
    concat = {"concat_embed": name.endswith("concat")}
    part = structure_part("agent", {"use": "apv.agent", "dynamics": concat})
    return part.build(obs=OBS, action=ActionSpec(size, discrete=False))


@pytest.mark.parametrize("model", cases("case15_apv_finetune"))
def test_golden_agent_configurations_are_valid_recipes(model):
    config = GoldenCase(model).meta["config"]
    agent = structure_part("agent", agent_settings(config)).config
    stack = agent.dynamics.config
    assert stack.concat_embed == config["concat_embed"]
    assert stack.action_free.config.action_free
    assert not stack.conditional.config.action_free
    assert agent.loss_scales["af_kl"] == config["loss_scales.af_kl"]
    assert agent.optimizers["encoder"].config.lr == config["enc_model_opt.lr"]
    held = config["enc_lr_type"] == "no_pretrain"
    assert agent.optimizers["encoder"].config.hold == (config["pretrain"] if held else 0)
    assert sorted(agent.initialize) == ["decoder", "dynamics", "encoder"]


@pytest.mark.parametrize("model", cases("case15_apv_pretrain"))
def test_golden_predictor_configurations_are_valid_recipes(model):
    config = GoldenCase(model).meta["config"]
    predictor = structure_part("learner", predictor_settings(config)).config
    assert predictor.dynamics.config.action_free
    assert predictor.optimizers["model"].config.lr == config["model_opt.lr"]
