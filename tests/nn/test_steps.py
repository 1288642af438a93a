"""A recurrence's layers are plain linear layers, to rounding, however their work is divided."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from wmframe.nn import linear
from wmframe.nn.steps import StepLinear


@pytest.fixture(autouse=True, params=(1, 2))
def threads(request, monkeypatch):
    monkeypatch.setattr(linear, "SMALL", 0)
    monkeypatch.setattr(torch, "get_num_threads", lambda: request.param)


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return nn.Linear(6, 6).double()


def recur(state, added, apply):
    """Three steps that depend on each other."""
    for add in added:
        state = torch.tanh(apply(state, add)) + state
    return state.square().sum()


def leaves(layer):
    state = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    added = torch.randn(3, 4, 6, dtype=torch.float64, requires_grad=True)
    return state, added, *layer.parameters()


def test_gradients_are_those_of_plain_layers(layer):
    state, added, *parameters = leaves(layer)
    inputs = [state, added, *parameters]
    plain = recur(state, added, lambda x, add: layer(x) + functional.linear(x, layer.weight, add))
    wanted = torch.autograd.grad(plain, inputs)
    biased = StepLinear(layer.weight, layer.bias)
    adding = StepLinear(layer.weight)
    found = recur(state, added, lambda x, add: biased(x) + adding(x, add))
    torch.testing.assert_close(found, plain)
    torch.testing.assert_close(torch.autograd.grad(found, inputs), wanted)


def test_a_pass_to_the_inputs_alone_leaves_nothing_behind(layer):
    state, added, *_ = leaves(layer)
    shared = StepLinear(layer.weight)
    loss = recur(state, added, shared)
    torch.autograd.grad(loss, [state], retain_graph=True)
    found = torch.autograd.grad(loss, [layer.weight])
    plain = recur(state, added, lambda x, add: x @ layer.weight.t() + add)
    torch.testing.assert_close(found, torch.autograd.grad(plain, [layer.weight]))


def test_a_frozen_layer_passes_gradients_on(layer):
    state, added, weight, bias = leaves(layer)
    for parameter in (weight, bias):
        parameter.requires_grad_(False)
    shared = StepLinear(weight, bias)
    recur(state, added, lambda x, _: shared(x)).backward()
    assert weight.grad is None
    assert state.grad.abs().sum() > 0
