"""Draws of classes, by a race and by inversion."""

from __future__ import annotations

import pytest
import torch

from wmframe.nn.noise import Noise
from wmframe.nn.one_hot import draw_one_hot

DRAWS = 40_000


def race(shape, classes, like):
    return Noise().exponential((*shape, classes), like)


@pytest.mark.parametrize("draw", (Noise().categorical, race), ids=("categorical", "race"))
def test_classes_come_as_often_as_they_are_probable(draw):
    torch.manual_seed(0)
    probs = torch.tensor([[0.5, 0.0, 0.2, 0.3], [0.0, 0.01, 0.0, 0.99]])
    hard = draw_one_hot(probs.expand(DRAWS, 2, 4), draw((DRAWS, 2), 4, probs))
    assert set(hard.unique().tolist()) == {0, 1}
    assert (hard.sum(-1) == 1).all()
    torch.testing.assert_close(hard.mean(0), probs, atol=0.01, rtol=0)
    assert not hard[..., probs == 0].any()


def test_variables_are_drawn_each_by_itself():
    torch.manual_seed(0)
    probs = torch.full((DRAWS, 2, 4), 0.25)
    first, second = draw_one_hot(probs, Noise().categorical((DRAWS, 2), 4, probs)).unbind(1)
    assert abs((first * second).sum(-1).mean() - 0.25) < 0.01


@pytest.mark.parametrize("drawn", (1e-38, 1 - 2**-24))
def test_the_ends_of_the_interval_give_classes_that_can_be(drawn):
    probs = torch.tensor([0.0, 0.7, 0.3, 0.0])
    hard = draw_one_hot(probs.expand(3, 4), torch.full((3,), drawn))
    assert (hard * probs).sum(-1).bool().all()


def test_what_is_not_a_number_is_no_error():
    hard = draw_one_hot(torch.full((3, 4), torch.nan), torch.full((3,), 0.5))
    assert (hard.sum(-1) == 1).all()
