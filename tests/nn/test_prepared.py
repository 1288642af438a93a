"""A network prepared for inference gives the network's numbers and is a snapshot of it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.nn.cpu.prepared import PrepackedConv2d, can_prepack, prepared
from wmframe.nn.residual import ResidualStack


@pytest.fixture
def x():
    torch.manual_seed(0)
    return torch.randn(2, 5, 9, 7)


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


def test_this_torch_can_prepack():
    assert can_prepack()


@torch.no_grad()
@pytest.mark.parametrize("bias", (True, False))
@pytest.mark.parametrize(
    "how",
    (
        {"kernel_size": 4, "stride": 2},
        {"kernel_size": 3, "padding": 1},
        {"kernel_size": 1},
        {"kernel_size": 3, "padding": "same"},
        {"kernel_size": 3, "padding": 1, "padding_mode": "reflect"},
        {"kernel_size": 3, "dilation": 2},
        {"kernel_size": 3, "groups": 5, "padding": (2, 1)},
    ),
)
def test_a_prepared_convolution_is_torchs(x, how, bias):
    net = nn.Sequential(nn.Conv2d(5, 10, bias=bias, **how))
    twin = prepared(net)
    for images in (x, x[:1], x[0], x[:0]):
        close(twin(images), net(images))
    close(twin.double()(x.double()).float(), net(x))


@torch.no_grad()
@pytest.mark.parametrize("norm", ("batch", "group", "none"))
def test_a_prepared_residual_stack_is_the_evaluated_one(x, norm):
    stack = ResidualStack([5, 8, 8], norm)
    stack(x)  # statistics to stand on
    twin = prepared(stack)
    assert stack.training
    close(twin(x), stack.eval()(x))


@torch.no_grad()
def test_a_prepared_network_is_a_snapshot(x):
    stack = ResidualStack([5, 8, 8], "batch").eval()
    twin, names = prepared(stack), [*stack.state_dict()]
    before = twin(x)
    for parameter in stack.parameters():
        parameter.data.zero_()
    assert torch.equal(twin(x), before)
    assert [*stack.state_dict()] == names
    assert not any(isinstance(part, PrepackedConv2d) for part in stack.modules())


@torch.no_grad()
def test_it_takes_autocasts_precision_for_as_long_as_that_is_on(x):
    twin = prepared(nn.Sequential(nn.Conv2d(5, 12, 3, padding=1)))
    exact = twin(x)
    with torch.autocast("cpu", torch.bfloat16):
        near = twin(x)
    assert near.dtype == torch.bfloat16
    torch.testing.assert_close(near.float(), exact, rtol=0.02, atol=0.02)
    assert torch.equal(twin(x), exact)


def test_networks_elsewhere_are_left_as_they_are():
    net = nn.Sequential(nn.Conv2d(5, 12, 3)).to("meta")
    assert prepared(net) is net


def test_the_probe_draws_no_random_numbers():
    can_prepack.cache_clear()
    before = torch.get_rng_state()
    assert can_prepack() in (True, False)
    assert torch.equal(torch.get_rng_state(), before)
