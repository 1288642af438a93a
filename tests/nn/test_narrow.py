"""Batch norm of few channels is torch's to rounding."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.nn import narrow
from wmframe.nn.batch_norm import BatchNorm2d
from wmframe.nn.narrow import normalize, normalize_backward, side_by_side


@pytest.fixture(autouse=True)
def large(monkeypatch):
    monkeypatch.setattr(narrow, "LARGE", 0)


def make_maps(channels, height=8, width=4, dtype=torch.float64):
    torch.manual_seed(0)
    # far from zero, so that what is lost by subtracting would be seen
    x = 3 + torch.randn(5, channels, height, width, dtype=dtype)
    return x.contiguous(memory_format=torch.channels_last)


def make_norms(channels, dtype=torch.float64):
    ours, torchs = BatchNorm2d(channels).to(dtype), nn.BatchNorm2d(channels).to(dtype)
    with torch.no_grad():
        for tensor in (*torchs.parameters(), torchs.running_mean, torchs.running_var):
            tensor.uniform_(0.5, 2)
    ours.load_state_dict(torchs.state_dict())
    return ours, torchs


def outcome(function, x, norm):
    x = x.detach().requires_grad_()
    out = function(x)
    gradients = torch.autograd.grad(out.sin().sum(), [x, *norm.parameters()])
    return out, gradients, list(norm.buffers())


@pytest.mark.parametrize("channels", (1, 2, 3, 8, 12, 24, 40))
def test_outputs_gradients_and_running_statistics_are_torchs(channels):
    x = make_maps(channels, 8, 16)
    assert side_by_side(x) > 1
    ours, torchs = make_norms(channels)
    for _ in range(2):
        torch.testing.assert_close(outcome(ours, x, ours), outcome(torchs, x, torchs))


def test_in_float32_it_is_as_exact_as_torch():
    x = 30 + make_maps(8, dtype=torch.float32)
    ours, torchs = make_norms(8, torch.float32)
    exact, _, _ = outcome(torchs.double(), x.double(), torchs)
    torchs.float()
    found, plain = outcome(ours, x, ours)[0], outcome(torchs, x, torchs)[0]
    assert (found - exact).abs().max() < 2 * (plain - exact).abs().max() + 1e-6


def test_maps_of_bfloat16_have_statistics_of_float32():
    x = make_maps(8, 16, 16, torch.float32).bfloat16()
    ours, torchs = make_norms(8, torch.float32)
    found, wanted = outcome(ours, x, ours), outcome(torchs, x, torchs)
    assert found[0].dtype == torch.bfloat16
    torch.testing.assert_close(found, wanted, rtol=0.02, atol=0.02)
    torch.testing.assert_close(found[2], wanted[2], rtol=1e-5, atol=1e-5)


def test_what_comes_out_may_be_written_over():
    ours, torchs = make_norms(8)
    x = make_maps(8)
    torch.testing.assert_close(
        outcome(lambda x: ours(x).relu_(), x, ours), outcome(lambda x: torchs(x).relu_(), x, torchs)
    )


def test_without_pace_running_statistics_stay():
    running = torch.zeros(8).double(), torch.ones(8).double()
    x, learned = make_maps(8), torch.ones(2, 8).double()
    out, mean, inverse = normalize(x, *learned, running, 0.0, 1e-5)
    assert not running[0].any()
    wanted = torch.native_batch_norm(x, *learned, None, None, True, 0.0, 1e-5)
    torch.testing.assert_close((out, mean, inverse), wanted)


def test_a_gradient_of_another_layout_is_taken():
    x, scale = make_maps(8), torch.rand(8).double()
    _, mean, inverse = torch.native_batch_norm(x, scale, scale, None, None, True, 0.0, 1e-5)
    grad = torch.randn(x.shape, dtype=x.dtype)
    assert side_by_side(grad) == 1
    last = grad.contiguous(memory_format=torch.channels_last)
    ours, torchs = (normalize_backward(g, x, scale, mean, inverse) for g in (last, grad))
    torch.testing.assert_close(ours, torchs)


@pytest.mark.parametrize(
    ("maps", "why"),
    (
        (make_maps(16), "a whole number of lanes"),
        (make_maps(72), "enough of them"),
        (make_maps(8, 3, 3), "pixels that do not share out"),
        (make_maps(8).contiguous(), "channels that do not lie side by side"),
        (make_maps(8).to("meta"), "another device"),
    ),
)
def test_what_is_better_left_to_torch_is(maps, why):
    assert side_by_side(maps) == 1, why
    if maps.device.type == "cpu":
        channels = maps.shape[1]
        ours, torchs = make_norms(channels)
        torch.testing.assert_close(outcome(ours, maps, ours), outcome(torchs, maps, torchs))


def test_small_maps_are_left_to_torch(monkeypatch):
    monkeypatch.setattr(narrow, "LARGE", 10**9)
    assert side_by_side(make_maps(8)) == 1
