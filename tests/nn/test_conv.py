"""A convolution whose weights rest gives torch's numbers, and sees when they have changed."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from wmframe.bench.counting import count
from wmframe.nn.batch_norm import BatchNorm2d
from wmframe.nn.conv import Conv2d, convolve, settled
from wmframe.nn.residual import ResidualStack


def make_norm(channels):
    norm = BatchNorm2d(channels).eval()
    with torch.no_grad():
        for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
            tensor.uniform_(0.5, 2)
    return norm


@pytest.fixture
def x():
    torch.manual_seed(0)
    return torch.randn(2, 5, 9, 7)


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bias", (True, False))
@pytest.mark.parametrize(
    "shape", ({"kernel_size": 4, "stride": 2}, {"kernel_size": 3, "padding": 1}, {"kernel_size": 1})
)
def test_a_convolution_without_gradients_is_torchs(x, shape, bias):
    conv = Conv2d(5, 12, bias=bias, **shape)
    wanted = conv(x)
    with torch.no_grad():
        assert settled(x)
        close(conv(x), wanted.detach())
        close(conv(x[:1]), wanted[:1].detach())


@torch.no_grad()
@pytest.mark.parametrize(
    "how",
    (
        {"padding": "same"},
        {"padding": 1, "padding_mode": "reflect"},
        {"dilation": 2},
        {"groups": 5, "padding": (2, 1)},
    ),
)
def test_whatever_torchs_takes_is_taken(x, how):
    conv = Conv2d(5, 10, 3, **how)
    for images in (x, x[0], x[:0]):
        close(conv(images), nn.Conv2d.forward(conv, images))


@torch.no_grad()
def test_norm_sum_and_relu_come_with_it(x):
    conv, norm = Conv2d(5, 12, 3, padding=1), make_norm(12)
    add = torch.randn(2, 12, 9, 7)
    wanted = norm(nn.Conv2d.forward(conv, x))
    close(convolve(x, conv, norm), wanted)
    close(convolve(x, conv, norm, relu=True), wanted.relu())
    kept = add.clone()
    close(convolve(x, conv, norm, add=add, relu=True), (wanted + add).relu())
    close(add, kept)


def trained(conv, norm, **settings):
    optimizer = torch.optim.Adam([*conv.parameters(), *norm.parameters()], lr=0.1, **settings)
    with torch.enable_grad():
        norm(nn.Conv2d.forward(conv, torch.randn(2, 5, 9, 7))).square().sum().backward()
    optimizer.step()


def loaded(conv, norm):
    for module in (conv, norm):
        module.load_state_dict({k: v + 1 for k, v in module.state_dict().items()})


def assigned(conv, norm):
    for module in (conv, norm):
        state = {k: v + 1 for k, v in module.state_dict().items()}
        module.load_state_dict(state, assign=True)


CHANGES = {
    "fused": lambda conv, norm: trained(conv, norm, fused=True),
    "foreach": lambda conv, norm: trained(conv, norm, foreach=True),
    "loaded": loaded,
    "assigned": assigned,
    "copied": lambda conv, _: conv.weight.copy_(torch.randn(12, 5, 3, 3)),
    "statistics": lambda _, norm: norm.train()(torch.randn(2, 12, 9, 7)),
    "elsewhere": lambda _, norm: norm.running_mean.add_(1),
}


@torch.no_grad()
@pytest.mark.parametrize("change", CHANGES)
def test_changed_weights_are_seen(x, change):
    conv, norm = Conv2d(5, 12, 3, padding=1), make_norm(12)
    before = convolve(x, conv, norm)
    CHANGES[change](conv, norm)
    after = convolve(x, conv, norm.eval())
    close(after, norm(nn.Conv2d.forward(conv, x)))
    assert not torch.allclose(before, after, atol=1e-3)


@torch.no_grad()
def test_a_copy_has_weights_of_its_own(x):
    conv = Conv2d(5, 12, 3)
    before = conv(x)
    other = copy.deepcopy(conv)
    other.weight.zero_()
    assert not torch.allclose(other(x), before)
    close(conv(x), before)


def test_what_is_no_decision_on_a_cpu_goes_the_usual_way(x):
    norm = make_norm(5)
    assert not settled(x)
    with torch.no_grad():
        assert settled(x, norm)
        assert not settled(x.double())
        assert not settled(x, norm.train())
        assert not settled(x, nn.GroupNorm(1, 5))
        assert not settled(x.bfloat16())  # without autocast its weights would be float32
        with torch.autocast("cpu", torch.float16):
            assert not settled(x)


@pytest.mark.skipif(
    not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="a CPU without bfloat16 in oneDNN"
)
@torch.no_grad()
def test_under_autocast_it_convolves_in_bfloat16_and_goes_back_to_float32_after_it(x):
    conv, norm = Conv2d(5, 12, 3, padding=1), make_norm(12)
    add = torch.randn(2, 12, 9, 7)
    exact = convolve(x, conv, norm)
    with torch.autocast("cpu", torch.bfloat16):
        near = convolve(x, conv, norm)
        assert settled(near)
        both = convolve(x.bfloat16(), conv, norm, add=add.bfloat16(), relu=True)
    assert near.dtype == both.dtype == torch.bfloat16
    assert not torch.equal(near.float(), exact)
    torch.testing.assert_close(near.float(), exact, rtol=0.02, atol=0.02)
    torch.testing.assert_close(both.float(), (exact + add).relu(), rtol=0.02, atol=0.05)
    assert torch.equal(convolve(x, conv, norm), exact)


@pytest.mark.parametrize("norm", ("batch", "group", "none"))
def test_a_residual_stack_decides_as_it_is_evaluated_with_gradients(x, norm):
    stack = ResidualStack([5, 8, 8], norm)
    stack(x)  # statistics to stand on
    wanted = stack.eval()(x).detach()
    with torch.no_grad():
        close(stack(x), wanted)


@torch.no_grad()
def test_arithmetic_is_counted_as_torch_counts_it(x):
    stack = ResidualStack([5, 8, 8], "batch").eval()
    stack(x)  # weights are laid out
    with torch.enable_grad():
        wanted = count(lambda: stack(x))
    found = count(lambda: stack(x))
    assert found.flops == wanted.flops
    assert found.ops < wanted.ops / 2
