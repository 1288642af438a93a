"""A transposed convolution is torch's to rounding, however it is computed."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.bench.counting import count
from wmframe.nn.upsample import ConvTranspose2d

SETTINGS = ((3, 6), (3, 4), (1, 2), (4, 6), (3, 5), (5, 6), (3, 3, 1, 1), (5, 4, 1), (3, 4, 1, 1))


@pytest.mark.parametrize("layout", (torch.contiguous_format, torch.channels_last))
@pytest.mark.parametrize("dtype", (torch.float32, torch.float64))
@pytest.mark.parametrize("settings", SETTINGS)
def test_output_and_gradients_are_torchs(settings, dtype, layout):
    torch.manual_seed(0)
    layer = ConvTranspose2d(7, *settings).to(dtype)
    x = torch.randn(2, 7, 5, 4, dtype=dtype).contiguous(memory_format=layout).requires_grad_()
    found, wanted = layer(x), nn.ConvTranspose2d.forward(layer, x)
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)
    pull, inputs = torch.randn_like(wanted), (x, *layer.parameters())
    torch.testing.assert_close(
        torch.autograd.grad(found, inputs, pull),
        torch.autograd.grad(wanted, inputs, pull),
        rtol=1e-4,
        atol=1e-4,
    )


@pytest.mark.parametrize(("out", "shuffled"), ((3, True), (5, False)))
def test_few_channels_are_shuffled(out, shuffled):
    layer, x = ConvTranspose2d(7, out, 6), torch.randn(2, 7, 5, 4)
    assert ("pixel_shuffle" in count(lambda: layer(x)).by_name) == shuffled
    with torch.autocast("cpu", torch.bfloat16):
        assert "pixel_shuffle" not in count(lambda: layer(x)).by_name


def test_gradients_that_nobody_asks_for_are_left_out():
    layer = ConvTranspose2d(7, 3, 6).requires_grad_(False)
    x = torch.randn(2, 7, 5, 4, requires_grad=True)
    layer(x).sum().backward()
    assert x.grad is not None
    assert layer.weight.grad is None


def test_under_autocast_the_bias_gets_its_gradient():
    torch.manual_seed(0)
    layer, x = ConvTranspose2d(7, 3, 3, 1, 1), torch.randn(2, 7, 5, 4)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(x)
    assert found.dtype == torch.bfloat16
    pull = torch.randn(found.shape)
    (grad,) = torch.autograd.grad(found, layer.bias, pull)
    torch.testing.assert_close(grad, pull.sum((0, 2, 3)), rtol=0.02, atol=0.1)
