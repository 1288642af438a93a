"""Who steps which parameters."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.config import default_part
from wmframe.errors import UsageError
from wmframe.models.groups import make_optimizers

NAMES = ["encoder.a", "encoder.cell.a", "encoder.cellar", "decoder.a"]


def steps(**beginnings):
    parameters = {name: nn.Parameter(torch.ones(1)) for name in NAMES}
    names = {id(parameter): name for name, parameter in parameters.items()}
    parts = {
        name: default_part("optimizer", {"use": "adam", "parameters": beginning})
        for name, beginning in beginnings.items()
    }
    made = make_optimizers(parts, parameters)
    return {key: [names[id(p)] for p in value.parameters] for key, value in made.items()}


def test_the_longest_beginning_decides_and_names_are_whole_words():
    found = steps(rest="*", eyes="encoder", core="encoder.cell")
    assert found["eyes"] == ["encoder.a", "encoder.cellar"]
    assert found["core"] == ["encoder.cell.a"]
    assert found["rest"] == ["decoder.a"]


def test_several_beginnings_share_an_optimizer():
    assert steps(all="encoder, decoder") == {"all": NAMES}


@pytest.mark.parametrize(
    ("beginnings", "message"),
    [
        ({"eyes": "encoder"}, "no optimizer steps decoder.a"),
        ({"rest": "*", "ears": "hearing"}, "hearing"),
        ({"one": "*", "other": "*"}, "both step"),
    ],
)
def test_what_does_not_add_up_is_refused(beginnings, message):
    with pytest.raises(UsageError, match=message):
        steps(**beginnings)
