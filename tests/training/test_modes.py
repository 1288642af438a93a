"""Blocks that freeze modules or put them in evaluation mode."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.training.modes import evaluating, frozen


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


def test_frozen_casts_linear_layers_once_under_autocast():
    layer, x = nn.Sequential(nn.Linear(2, 1), nn.LayerNorm(1)), torch.ones(1, 2, requires_grad=True)
    own, names = dict(layer.named_parameters()), [name for name, _ in layer.named_parameters()]
    with torch.autocast("cpu", torch.bfloat16), frozen(layer, layer):
        assert [p.dtype for p in layer[0].parameters()] == [torch.bfloat16] * 2
        assert [p.dtype for p in layer[1].parameters()] == [torch.float32] * 2
        y = layer[0](x).sum()
    y.backward()
    assert all(layer.get_parameter(name) is own[name] for name in names)
    assert [own[name].grad for name in names] == [None] * len(names)
    assert torch.equal(x.grad, layer[0].weight.bfloat16().float())


def test_evaluating_leaves_each_submodule_as_it_was():
    module = nn.Sequential(nn.BatchNorm1d(2), nn.BatchNorm1d(2).eval())
    with evaluating(module):
        assert not any(part.training for part in module.modules())
    assert [part.training for part in module] == [True, False]
