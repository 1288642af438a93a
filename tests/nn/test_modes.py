"""Blocks that freeze modules or put them in evaluation mode."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.nn.modes import evaluating, frozen


def test_frozen_passes_gradients_through_but_not_to_the_parameters():
    layer, x = nn.Linear(2, 1), torch.ones(1, 2, requires_grad=True)
    with frozen(layer):
        y = layer(x).sum()
    y.backward()
    assert layer.weight.grad is None
    assert torch.equal(x.grad, layer.weight)


def test_frozen_gives_back_what_was_trainable_and_no_more():
    layer = nn.Linear(2, 1)
    layer.bias.requires_grad_(False)
    with pytest.raises(RuntimeError), frozen(layer, layer):
        raise RuntimeError
    assert layer.weight.requires_grad
    assert not layer.bias.requires_grad


class Stubborn(nn.Parameter):
    """Cannot be frozen."""

    def requires_grad_(self, requires_grad=True):
        if not requires_grad:
            raise RuntimeError("stubborn")
        return super().requires_grad_()


def test_frozen_gives_back_what_was_trainable_if_freezing_itself_fails():
    layer, other = nn.Linear(2, 1), nn.Linear(2, 1)
    other.weight = Stubborn(torch.ones(1, 2))
    with pytest.raises(RuntimeError, match="stubborn"), frozen(layer, other):
        pass
    assert all(p.requires_grad for p in (*layer.parameters(), *other.parameters()))


def test_frozen_leaves_parameters_and_state_as_they_are_under_autocast():
    layer = nn.Sequential(nn.Linear(2, 1), nn.LayerNorm(1))
    own = list(layer.parameters())
    with torch.autocast("cpu", torch.bfloat16), frozen(layer):
        assert all(a is b for a, b in zip(layer.parameters(), own, strict=True))
        assert {x.dtype for x in layer.state_dict().values()} == {torch.float32}


def test_evaluating_leaves_each_submodule_as_it_was():
    module = nn.Sequential(nn.BatchNorm1d(2), nn.BatchNorm1d(2).eval())
    with evaluating(module):
        assert not any(part.training for part in module.modules())
    assert [part.training for part in module] == [True, False]
