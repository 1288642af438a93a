"""Draws of classes by inversion of the cumulative distribution."""

from __future__ import annotations

import pytest
import torch

from wmframe.nn.noise import Noise
from wmframe.nn.one_hot import draw_one_hot, straight_through

DRAWS = 40_000


def test_classes_come_as_often_as_they_are_probable():
    torch.manual_seed(0)
    probs = torch.tensor([[0.5, 0.0, 0.2, 0.3], [0.0, 0.01, 0.0, 0.99]])
    hard = Noise().one_hot(probs.expand(DRAWS, 2, 4))
    assert set(hard.unique().tolist()) == {0, 1}
    assert (hard.sum(-1) == 1).all()
    torch.testing.assert_close(hard.mean(0), probs, atol=0.01, rtol=0)
    assert not hard[..., probs == 0].any()


def test_variables_are_drawn_each_by_itself():
    torch.manual_seed(0)
    first, second = Noise().one_hot(torch.full((DRAWS, 2, 4), 0.25)).unbind(1)
    assert abs((first * second).sum(-1).mean() - 0.25) < 0.01


@pytest.mark.parametrize("drawn", (1e-38, 1 - 2**-24))
def test_the_ends_of_the_interval_give_classes_that_can_be(drawn):
    probs = torch.tensor([0.0, 0.7, 0.3, 0.0])
    hard = draw_one_hot(probs.expand(3, 4), torch.full((3,), drawn))
    assert (hard * probs).sum(-1).bool().all()


def test_what_is_not_a_number_is_no_error():
    hard = draw_one_hot(torch.full((3, 4), torch.nan), torch.full((3,), 0.5))
    assert (hard.sum(-1) == 1).all()


def test_straight_through_has_the_value_of_one_and_the_gradient_of_the_other():
    probs = torch.tensor([0.3, 0.7], requires_grad=True)
    hard = torch.tensor([1.0, 0.0])
    out = straight_through(hard, probs)
    assert torch.equal(out, hard)
    (out * torch.tensor([2.0, 3.0])).sum().backward()
    assert probs.grad.tolist() == [2, 3]
