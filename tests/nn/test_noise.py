"""Random draws: their distributions, on the CPU."""

from __future__ import annotations

import pytest
import torch

from wmframe.nn.noise import Noise, keep, keep_

SHAPES = ((40, 500), (140, 501))  # the second is drawn in bulk
LIKE = torch.zeros(1)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.mark.parametrize("shape", SHAPES)
def test_uniform_draws_fill_the_open_interval(shape):
    drawn = Noise().uniform(shape, LIKE)
    assert drawn.shape == shape
    assert 0 < drawn.min() < 1e-3
    assert 1 - 1e-3 < drawn.max() < 1
    assert abs(drawn.mean() - 1 / 2) < 0.01
    assert abs(drawn.var() - 1 / 12) < 0.002


@pytest.mark.parametrize("shape", SHAPES)
def test_exponential_draws_have_rate_one(shape):
    drawn = Noise().exponential(shape, LIKE)
    assert drawn.shape == shape
    for quantile in (0.1, 0.5, 0.9):
        expected = -torch.log1p(torch.tensor(-quantile))
        torch.testing.assert_close(drawn.quantile(quantile), expected, rtol=0.05, atol=0.01)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", (0.0, 0.1, 0.5, 1.0))
def test_a_share_is_chosen(share, shape):
    chosen = Noise().chosen(shape, share, LIKE)
    assert chosen.shape == shape
    assert set(chosen.unique().tolist()) <= {0, -1}
    assert abs(chosen.float().mean() + share) < 0.01


@pytest.mark.parametrize("count", (20_001, 80_001))
def test_each_entry_is_chosen_by_itself(count):
    first, second = -Noise().chosen((2, count), 0.3, LIKE).float()
    for other in (second, first.roll(1), first.roll(2), first.roll(3)):
        assert abs((first * other).mean() - 0.09) < 0.01


@pytest.mark.parametrize("shape", SHAPES)
def test_the_state_of_torchs_generator_decides_every_draw(shape):
    state = torch.get_rng_state()
    first = Noise().uniform(shape, LIKE)
    assert not torch.equal(Noise().uniform(shape, LIKE), first)
    torch.set_rng_state(state)
    assert torch.equal(Noise().uniform(shape, LIKE), first)


@pytest.mark.parametrize("dtype", (torch.bfloat16, torch.float32, torch.float64))
def test_what_was_not_chosen_becomes_zero(dtype):
    x = torch.randn(50, 60, dtype=dtype)
    chosen = Noise().chosen(x.shape, 0.5, x)
    expected = torch.where(chosen.bool(), x, 0)
    before = x.clone()
    assert torch.equal(keep(x, chosen), expected)
    assert torch.equal(x, before)
    assert keep_(x, chosen) is x
    assert torch.equal(x, expected)
