"""Parts put together as an author may put them together: none may be wrong in silence."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from wmframe.nn.choices import ACTIVATIONS
from wmframe.nn.cpu.prepared import prepared
from wmframe.nn.layers import activation
from wmframe.nn.mlp import MLP
from wmframe.nn.residual import ResidualStack


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_beside_its_input_leaves_it_alone(name):
    given = torch.tensor([-1.0, 2.0], requires_grad=True)
    other = given.detach().clone().requires_grad_()
    h = given * 1.0
    found = h + activation(name)(h)
    wanted = other + getattr(torch.nn.functional, name)(other)
    assert torch.equal(found, wanted)
    found.sum().backward()
    wanted.sum().backward()
    assert torch.equal(given.grad, other.grad)


def test_relu_beside_its_input_is_three_with_gradients_one_and_two():
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    h = x.clone()
    (h + activation("relu")(h)).sum().backward()
    assert x.grad.tolist() == [1, 2]


def zero_data(module):
    for parameter in module.parameters():
        parameter.data.zero_()


def zero_vector(module):
    vector_to_parameters(
        torch.zeros_like(parameters_to_vector(module.parameters())), [*module.parameters()]
    )


def follow(module):
    other = ResidualStack([5, 8, 8], "batch")
    for parameter, to in zip(module.parameters(), other.parameters(), strict=True):
        parameter.data.lerp_(to.data, 1.0)


@pytest.mark.parametrize("change", (zero_data, zero_vector, follow))
def test_weights_changed_behind_autograds_back_are_seen_without_gradients(change):
    torch.manual_seed(0)
    stack, x = ResidualStack([5, 8, 8], "batch").eval(), torch.randn(1, 5, 8, 8)
    with torch.no_grad():
        before = stack(x)
        change(stack)
        after, again = stack(x), prepared(stack)(x)
    wanted = stack(x).detach()
    assert torch.equal(after, wanted)
    torch.testing.assert_close(again, wanted, rtol=1e-5, atol=1e-5)
    assert not torch.allclose(before, after, atol=1e-3)


class Half(nn.Module):
    def forward(self, x):
        return x / 2


@pytest.mark.parametrize("swapped", (nn.LayerNorm(6).double(), Half()))
@pytest.mark.parametrize("layer", (0, 1))
def test_a_norm_that_was_swapped_in_is_used_in_a_rollout(layer, swapped):
    mlp = MLP(5, (6, 6), "elu", "none").double()
    mlp.layers[layer].norm = swapped
    x = torch.randn(3, 5, dtype=torch.float64)
    torch.testing.assert_close(mlp.steps()(x), mlp(x))


def test_a_layer_that_was_swapped_in_is_used_in_a_rollout():
    mlp = MLP(5, (6, 6), "elu", "none")
    mlp.layers[1] = nn.Linear(6, 4)
    x = torch.randn(3, 5)
    assert torch.equal(mlp.steps()(x), mlp(x))
