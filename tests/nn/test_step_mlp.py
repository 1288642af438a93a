"""A rollout's perceptron is the plain one, to rounding, and so are its gradients."""

from __future__ import annotations

import pytest
import torch

from wmframe.nn.choices import ACTIVATIONS
from wmframe.nn.mlp import MLP


def roll(layers, last, x):
    """Three steps, each of which sees what came out of the one before, without its gradient."""
    total, seen = 0, []
    for _ in range(3):
        hidden = layers(x)
        seen.append(hidden)
        total = total + last(hidden).sin().sum()
        x = torch.cat([hidden, x], -1)[:, : x.shape[1]].detach()
    return total + torch.stack(seen[:-1]).square().mean()


@pytest.fixture
def last():
    torch.manual_seed(0)
    return torch.nn.Linear(5, 2).double()


@pytest.mark.parametrize("norm", ("none", "layer"))
@pytest.mark.parametrize("act", ACTIVATIONS)
@pytest.mark.parametrize("widths", ((), (5,), (6, 7, 5)), ids=len)
def test_gradients_are_those_of_the_plain_one(widths, act, norm, last):
    mlp = MLP(5, widths, act, norm).double()
    x = torch.randn(4, 5, dtype=torch.float64)
    parameters = [*mlp.parameters(), *last.parameters()]
    plain = roll(lambda x: mlp(x.detach()), last, x)
    found = roll(mlp.steps(), last, x)
    torch.testing.assert_close(found, plain)
    wanted = torch.autograd.grad(plain, parameters)
    torch.testing.assert_close(torch.autograd.grad(found, parameters), wanted)


def test_a_pass_to_another_end_leaves_nothing_behind(last):
    mlp = MLP(5, (6, 5), "elu", "none").double()
    loss = roll(mlp.steps(), last, torch.randn(4, 5, dtype=torch.float64))
    once, again = (
        torch.autograd.grad(loss, [*ends], retain_graph=True)
        for ends in (mlp.parameters(), [*mlp.parameters(), *last.parameters()])
    )
    torch.autograd.grad(loss, last.parameters(), retain_graph=True)
    torch.testing.assert_close(once, again[: len(once)])


def test_inputs_get_no_gradient_and_weights_that_changed_are_noticed(last):
    mlp = MLP(5, (6, 5), "elu", "none").double()
    x = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    loss = roll(mlp.steps(), last, x)
    with torch.no_grad():
        mlp.layers[1].linear.weight.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
    assert x.grad is None


def test_without_gradients_it_only_computes(last):
    mlp = MLP(5, (6, 5), "elu", "none").double()
    x = torch.randn(4, 5, dtype=torch.float64)
    with torch.inference_mode():
        found = mlp.steps()(x)
    assert not found.requires_grad
    torch.testing.assert_close(found, mlp(x).detach())


def test_under_autocast_gradients_come_in_float32(last):
    mlp = MLP(5, (64, 5), "elu", "none")
    x = torch.randn(40, 5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = roll(mlp.steps(), last.float(), x)
        plain = roll(lambda x: mlp(x.detach()), last, x)
    wanted = torch.autograd.grad(plain, mlp.parameters())
    got = torch.autograd.grad(found, mlp.parameters())
    torch.testing.assert_close(got, wanted, rtol=0.05, atol=0.05)
    assert {grad.dtype for grad in got} == {torch.float32}
