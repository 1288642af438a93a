"""Layers over time are plain linear layers, to rounding, and so are their gradients."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.nn.cpu import linear
from wmframe.nn.recurrent import StepLinear, over_time


@pytest.fixture(autouse=True, params=(1, 2))
def threads(request, monkeypatch):
    monkeypatch.setattr(linear, "SMALL", 0)
    monkeypatch.setattr(torch, "get_num_threads", lambda: request.param)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(StepLinear(6, 4), nn.Tanh(), StepLinear(4, 6)).double()


def recur(state, net):
    """Three steps that depend on each other."""
    for _ in range(3):
        state = net(state) + state.sin()
    return state.square().sum()


def start():
    return torch.randn(4, 6, dtype=torch.float64, requires_grad=True)


def over(state, net):
    with over_time(net):
        return recur(state, net)


def test_outputs_and_gradients_are_those_of_plain_layers(net):
    state = start()
    inputs = [state, *net.parameters()]
    plain, found = recur(state, net), over(state, net)
    torch.testing.assert_close(found, plain)
    wanted = torch.autograd.grad(plain, inputs)
    torch.testing.assert_close(torch.autograd.grad(found, inputs), wanted)


def test_clips_one_after_the_other_and_one_within_the_other_have_their_own_gradients(net):
    state = start()
    plain = recur(state, net) + recur(state * 2, net) + recur(state * 3, net)
    first = over(state, net)
    with over_time(net):
        second = recur(state * 2, net)
        third = over(state * 3, net)
    parameters = list(net.parameters())
    wanted = torch.autograd.grad(plain, parameters)
    torch.testing.assert_close(torch.autograd.grad(first + second + third, parameters), wanted)


def test_a_pass_to_the_inputs_alone_leaves_nothing_behind(net):
    state = start()
    loss = over(state, net)
    torch.autograd.grad(loss, [state], retain_graph=True)
    found = torch.autograd.grad(loss, [net[0].weight])
    torch.testing.assert_close(found, torch.autograd.grad(recur(state, net), [net[0].weight]))


def test_a_frozen_layer_passes_gradients_on(net):
    state = start()
    net.requires_grad_(False)
    over(state, net).backward()
    assert net[0].weight.grad is None
    assert state.grad.abs().sum() > 0


def test_after_an_error_the_layers_are_plain_again(net):
    with pytest.raises(RuntimeError), over_time(net):
        raise RuntimeError
    over(start(), net).backward()
    state = start()
    assert torch.equal(net(state), nn.Sequential(*net)(state))
    assert all(layer._clip is None for layer in net if isinstance(layer, StepLinear))


def test_a_weight_that_changed_before_the_backward_pass_is_noticed(net):
    loss = over(start(), net)
    with torch.no_grad():
        net[0].weight.add_(1)
    with pytest.raises(RuntimeError, match="modified"):
        loss.backward()


def test_under_autocast_gradients_come_in_float32(net):
    net, state = net.float(), torch.randn(4, 6)
    parameters = list(net.parameters())
    with torch.autocast("cpu", torch.bfloat16):
        found = over(state, net)
        plain = recur(state, net)
    got = torch.autograd.grad(found, parameters)
    wanted = torch.autograd.grad(plain, parameters)
    assert {grad.dtype for grad in got} == {torch.float32}
    torch.testing.assert_close(got, wanted, rtol=0.1, atol=0.5)
