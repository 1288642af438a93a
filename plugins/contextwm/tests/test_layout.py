"""Checkpoints of the reference: read, loaded, written again."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from support.golden import GoldenCase, folder
from wmframe.nn.noise import Noise
from wmframe.recipe.structure import structure_part
from wmframe.training.layouts import read_layout, read_tensors, write_layout
from wmframe.types import ActionSpec, TensorSpec
from wmframe_apv.layout import ApvLayout
from wmframe_contextwm.layout import ContextLayout
from wmframe_contextwm.reference import agent_settings, predictor_settings
from wmframe_dreamerv2.reference.layout import ReferenceLayout

LAYOUTS = {"contextwm": ContextLayout, "apv": ApvLayout, "dreamerv2": ReferenceLayout}
OBS = {"image": TensorSpec((64, 64, 3), "uint8")}
PUBLISHED = folder() / "reference_state_dict_layout.json"
VARIANTS = list(json.loads(PUBLISHED.read_text())) if PUBLISHED.exists() else []
CONCAT = {"dynamics": {"concat_embed": True}}
RESNET = {
    "encoder": {"use": "wmframe.resnet_encoder"},
    "decoder": {"use": "wmframe.resnet_decoder"},
}
SETTINGS = {
    "dreamerv2_resnet": RESNET,
    "dreamerv2_plaincnn_discount": {
        "heads": {"discount": {"output": {"use": "binary"}}},
        "bonus": {"use": "apv.bonus", "scale": 0.5},
    },
    "apv_finetune_concat": CONCAT,
    "contextwm_finetune_concat": CONCAT,
}


def checkpoint(name):
    path = folder() / "checkpoints" / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return path


def build(name):
    """The learner whose checkpoint this is."""
    case = GoldenCase(f"case15_{name}")
    config = case.meta["config"]
    if name.endswith("pretrain"):
        return structure_part("learner", predictor_settings(config)).build(obs=OBS)
    actor = case["param/_task_behavior.actor.out.out.bias"]
    action = ActionSpec(len(actor), discrete=False)
    return structure_part("agent", agent_settings(config)).build(obs=OBS, action=action)


@pytest.mark.parametrize("name", ["contextwm_pretrain", "contextwm_finetune"])
def test_golden_checkpoint_fits_its_learner_and_comes_back_equal(name, tmp_path):
    path = checkpoint(name)
    imported = read_layout(path, ContextLayout())
    assert not imported.odd
    learner = build(name)
    assert learner.initialize(imported.weights).complete
    write_layout(learner.state_dict(), ContextLayout(), tmp_path)
    for file in path.iterdir():
        theirs, ours = read_tensors(file), read_tensors(tmp_path / file.name)
        assert set(ours) == set(theirs)
        assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
        assert all(ours[key].dtype == theirs[key].dtype for key in theirs)


def test_golden_predictor_checkpoint_starts_an_agent():
    weights = read_layout(checkpoint("contextwm_pretrain"), ContextLayout()).weights
    agent = build("contextwm_finetune")
    assert agent.initialize(weights).complete
    free = agent.world_model.dynamics.action_free.state_dict()
    assert torch.equal(free["img_in.weight"], weights["world_model.dynamics.img_in.weight"])


def test_golden_queue_counts_the_rows_that_hold_something():
    weights = read_layout(checkpoint("contextwm_finetune"), ContextLayout()).weights
    recorded = GoldenCase("case15_contextwm_finetune").meta["queue_fill_before"]
    assert int(weights["world_model.bonus.filled"]) == recorded


def test_golden_part_of_another_method_is_listed(tmp_path):
    path = checkpoint("contextwm_pretrain")
    shutil.copy(path / "decoder_variables.pt", tmp_path)
    odd = read_layout(tmp_path, ApvLayout()).odd
    assert "decoder_variables.pt: res0.stack.0.kv_pos_emb" in odd
    assert "decoder_variables.pt: convin.weight" not in odd


def test_golden_explorer_with_weights_of_its_own_is_listed(tmp_path):
    tensors = read_tensors(checkpoint("contextwm_finetune") / "variables.pt")
    own = "_expl_behavior.actor.out.out.bias"
    tensors[own] = tensors[own] + 1
    torch.save(tensors, tmp_path / "variables.pt")
    imported = read_layout(tmp_path, ContextLayout())
    assert imported.odd == (f"variables.pt: {own}",)


@pytest.mark.parametrize("name", VARIANTS)
def test_golden_defaults_are_filed_with_the_published_names_and_shapes(name):
    method = name.partition("_")[0]
    entry = json.loads(PUBLISHED.read_text())[name]
    learner = name.endswith("pretrain")
    kind, use = ("learner", "video_predictor") if learner else ("agent", "agent")
    part = structure_part(kind, {"use": f"{method}.{use}", **SETTINGS.get(name, {})})
    action = {} if learner else {"action": ActionSpec(entry["config"]["action_dim"], False)}
    with torch.device("meta"):
        state = part.build(obs=OBS, noise=Noise(), **action).state_dict()
    files = LAYOUTS[method]().files(state)
    shapes = {theirs: list(state[ours].shape) for theirs, ours in files["variables.pt"].items()}
    assert shapes == {theirs: facts[1] for theirs, facts in entry["variables"].items()}
    names = {file.removesuffix(".pt"): set(found) for file, found in files.items()}
    assert names == {file: set(entry[file]) for file in entry if file.endswith("variables")}
