"""What keeps less for the backward pass computes the same."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from wmframe.bench.counting import SavedBytes
from wmframe.nn import norm_conv as module
from wmframe.nn.batch_norm import BatchNorm2d
from wmframe.nn.norm_conv import norm_relu_conv


@pytest.fixture(autouse=True)
def large(monkeypatch):
    monkeypatch.setattr(module, "LARGE", 0)


@pytest.fixture
def layers():
    torch.manual_seed(0)
    norm = BatchNorm2d(4).double()
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return norm, nn.Conv2d(4, 6, 3, padding=1, bias=False).double()


@pytest.fixture
def x():
    return torch.randn(5, 4, 8, 8, dtype=torch.float64, requires_grad=True)


def plainly(x, norm, conv):
    return conv(functional.relu(norm(x)))


def outcome(function, x, norm, conv):
    """What comes out, gradients, and running statistics from their beginning on."""
    norm.reset_running_stats()
    out = function(x, norm, conv)
    inputs = [x, *norm.parameters(), *conv.parameters()]
    gradients = torch.autograd.grad(out.square().sum(), inputs)
    return out, gradients, [buffer.clone() for buffer in norm.buffers()]


@pytest.mark.parametrize("layout", (torch.contiguous_format, torch.channels_last))
def test_it_is_norm_relu_and_convolution(layers, x, layout):
    x = x.detach().contiguous(memory_format=layout).requires_grad_()
    found, wanted = (outcome(f, x, *layers) for f in (norm_relu_conv, plainly))
    torch.testing.assert_close(found, wanted)


def test_under_autocast_it_is_what_autocast_makes_of_them(layers, x):
    single = [layer.float() for layer in layers]
    x = x.detach().bfloat16().contiguous(memory_format=torch.channels_last).requires_grad_()

    def lowered(function):
        def run(*args):
            with torch.autocast("cpu", torch.bfloat16):
                return function(*args)

        return outcome(run, x, *single)

    found, wanted = lowered(norm_relu_conv), lowered(plainly)
    assert found[0].dtype == torch.bfloat16
    torch.testing.assert_close(found, wanted, rtol=0.02, atol=0.02)


def test_it_is_in_evaluation_too(layers, x):
    norm, conv = layers
    norm(x)
    norm.eval()
    torch.testing.assert_close(norm_relu_conv(x, norm, conv), plainly(x, norm, conv))


def test_it_keeps_the_input_alone(layers, x):
    parameters = [p for layer in layers for p in layer.parameters()]
    kept = SavedBytes([x, *parameters])
    with kept.hooks():
        norm_relu_conv(x, *layers)
    assert kept.total < x.nbytes / 8
    with kept.hooks():
        plainly(x, *layers)
    assert kept.total > x.nbytes
