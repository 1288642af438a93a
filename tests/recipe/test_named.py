"""Tables by names of the user's choice lie over the default ones."""

from __future__ import annotations

import pytest

from wmframe.errors import RecipeError
from wmframe.recipe.plain import to_plain
from wmframe.recipe.structure import structure_part

pytest.importorskip("wmframe_contextwm")


def config(**settings):
    return structure_part("agent", {"use": "contextwm.agent", **settings}).config


def test_what_a_recipe_adds_or_changes_lies_over_the_defaults():
    made = config(
        optimizers={"encoder": {"lr": 1e-3}, "heads": {"use": "laprop", "parameters": "heads"}},
        heads={"reward": {"units": 7}, "discount": {"output": {"use": "binary"}}},
        loss_scales={"kl": 0.5},
    )
    assert list(made.optimizers) == ["model", "encoder", "heads"]
    encoder = made.optimizers["encoder"]
    assert (encoder.use, encoder.config.lr, encoder.config.hold) == ("wmframe.adam", 1e-3, 100)
    assert made.optimizers["heads"].use == "wmframe.laprop"
    assert made.heads["reward"].units == 7 and made.heads["aux_reward"].target == "task_reward"
    assert made.loss_scales == {"af_kl": 0.0, "kl": 0.5}


def test_none_takes_an_entry_away_and_stays_so_when_it_is_written_and_read_again():
    made = config(heads={"aux_reward": "none"}, initialize={"decoder": "none"})
    assert list(made.heads) == ["reward"]
    assert list(made.initialize) == ["encoder", "dynamics"]
    plain = {name: value for name, value in to_plain(made).items() if value is not None}
    assert config(**plain) == made


def test_faults_in_them_have_their_place():
    with pytest.raises(RecipeError) as caught:
        config(optimizers={"encoder": {"lr": -1.0}}, heads={"reward": {"unit": 3}})
    assert {p.key for p in caught.value.problems} == {"optimizers.encoder.lr", "heads.reward.unit"}
