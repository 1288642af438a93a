"""Random draws: their distributions, and what decides them."""

from __future__ import annotations

import pytest
import torch

from wmframe.nn.noise import Noise

LIKE = torch.zeros(1)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_uniform_draws_fill_the_open_interval():
    drawn = Noise().uniform((140, 501), LIKE)
    assert drawn.shape == (140, 501)
    assert 0 < drawn.min() < 1e-3
    assert 1 - 1e-3 < drawn.max() < 1
    assert abs(drawn.mean() - 1 / 2) < 0.01
    assert abs(drawn.var() - 1 / 12) < 0.002


def test_the_state_of_torchs_generator_decides_every_draw():
    probs = torch.full((20, 4), 0.25)
    draws = (
        lambda: Noise().uniform((40,), LIKE),
        lambda: Noise().normal((40,), LIKE),
        lambda: Noise().one_hot(probs),
    )
    for draw in draws:
        state = torch.get_rng_state()
        first = draw()
        assert not torch.equal(draw(), first)
        torch.set_rng_state(state)
        assert torch.equal(draw(), first)
