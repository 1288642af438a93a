"""One setting for all widths: parameter counts of the specification, and what overrides it."""

from __future__ import annotations

import pytest
import torch

from wmframe.errors import RecipeError
from wmframe.recipe.structure import structure_part
from wmframe.types import ActionSpec, TensorSpec

PICTURES = {"image": TensorSpec((64, 64, 3), "uint8")}
VECTORS = {"state": TensorSpec((24,), "float32")}
SIX = ActionSpec(size=6, discrete=False)
BUTTONS = ActionSpec(size=17, discrete=True, groups=(17,))

COUNTS = {  # from pictures, with buttons, from vectors; the slow critic is left out
    "1m": (686_846, 687_875, 640_867),
    "12m": (10_494_158, 10_498_259, 9_738_019),
    "25m": (23_489_326, 23_495_475, 21_782_947),
    "50m": (41_650_062, 41_658_259, 38_612_003),
    "100m": (93_468_238, 93_480_531, 86_622_499),
    "200m": (165_948_686, 165_965_075, 153_769_507),
    "400m": (372_896_398, 372_920_979, 345_473_059),
}

PARTS = {  # of 12m from pictures
    "world_model.encoder": 220_416,
    "world_model.dynamics": 5_979_648,
    "world_model.decoder": 1_272_003,
    "world_model.heads.reward": 721_407,
    "world_model.heads.discount": 656_129,
    "task.critic": 853_503,
    "task.actor": 791_052,
}


def make(obs=VECTORS, action=SIX, **settings):
    """An agent without memory for its parameters."""
    part = structure_part("agent", {"use": "dreamerv3.agent", **settings})
    with torch.device("meta"):
        return part.build(obs=obs, action=action)


def count(agent, beginning=""):
    named = agent.named_parameters()
    return sum(p.numel() for n, p in named if p.requires_grad and n.startswith(beginning))


@pytest.mark.parametrize("size", COUNTS)
def test_a_size_has_as_many_parameters_as_the_authors(size):
    pictures, buttons, vectors = COUNTS[size]
    assert count(make(PICTURES, size=size)) == pictures
    assert count(make(PICTURES, BUTTONS, size=size)) == buttons
    assert count(make(VECTORS, size=size)) == vectors


def test_each_part_has_as_many_parameters_as_the_authors():
    agent = make(PICTURES, size="12m")
    assert {part: count(agent, part) for part in PARTS} == PARTS


def test_what_a_recipe_sets_overrides_the_size():
    table = {"size": "1m", "dynamics": {"deter": 1024}, "behavior": {"actor": {"units": 32}}}
    part = structure_part("agent", {"use": "dreamerv3.agent", **table})
    assert part.config.dynamics.config.deter == 1024
    assert part.config.dynamics.config.hidden == 64
    assert part.config.decoder.config.deter == 1024  # follows the dynamics
    assert part.config.behavior.config.actor.units == 32
    assert part.config.behavior.config.critic.units == 64
    assert part.config.heads["reward"].units == 64


def test_an_encoder_of_another_method_keeps_its_own_widths():
    table = {"use": "dreamerv3.agent", "encoder": {"use": "dreamerv2.cnn_encoder", "depth": 8}}
    assert structure_part("agent", table).config.encoder.config.depth == 8


def test_blocks_that_do_not_divide_the_state_are_refused():
    with pytest.raises(RecipeError, match="blocks"):
        structure_part("dynamics", {"use": "dreamerv3.rssm", "deter": 100})


def test_resolved_settings_name_every_width():
    from wmframe.recipe.plain import plain_settings

    plain = plain_settings(structure_part("agent", {"use": "dreamerv3.agent", "size": "1m"}).config)
    assert plain["dynamics"]["deter"] == 512
    assert plain["heads"]["discount"]["units"] == 64
