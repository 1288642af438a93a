"""Random draws: their distributions, on the CPU."""

from __future__ import annotations

import pytest
import torch

from wmframe.nn.noise import Noise

SHAPE = (40, 500)
LIKE = torch.zeros(1)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_exponential_draws_have_rate_one():
    drawn = Noise().exponential(SHAPE, LIKE)
    assert drawn.shape == SHAPE
    for quantile in (0.1, 0.5, 0.9):
        expected = -torch.log1p(torch.tensor(-quantile))
        torch.testing.assert_close(drawn.quantile(quantile), expected, rtol=0.05, atol=0.01)


@pytest.mark.parametrize("share", (0.0, 0.1, 0.5))
def test_a_share_is_chosen(share):
    chosen = Noise().chosen(SHAPE, share, LIKE).float()
    assert chosen.shape == SHAPE
    assert abs(chosen.mean() - share) < 0.01


def test_each_entry_is_chosen_by_itself():
    first, second = Noise().chosen((2, 20_001), 0.3, LIKE).float()
    for other in (second, first.roll(1), first.roll(2), first.roll(3)):
        assert abs((first * other).mean() - 0.09) < 0.01
