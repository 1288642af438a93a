"""Attention with dropout on the CPU is torch's own, up to which weights are dropped."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from wmframe.nn.noise import Noise
from wmframe_contextwm import attend as module
from wmframe_contextwm.attend import attend, drop


class Chosen(Noise):
    """Drops the weights of the second token, or none."""

    def __init__(self, any_dropped: bool) -> None:
        self.any_dropped = any_dropped

    def chosen(self, shape, share, like):
        kept = torch.full(shape, -1, dtype=torch.int16)
        if self.any_dropped:
            kept[..., 1] = 0
        return kept


@pytest.fixture
def qkv():
    torch.manual_seed(0)
    query, key, value = (torch.randn(5, 2, n, 4, dtype=torch.float64) for n in (7, 3, 3))
    return query, key, value


@pytest.fixture(params=(1, 2**20))
def pieces(request, monkeypatch):
    monkeypatch.setattr(module, "PIECE", request.param)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("masked", (False, True))
def test_with_nothing_dropped_it_is_torchs_attention_grown(qkv, masked):
    mask = torch.rand(5, 1, 1, 3) < 0.7 if masked else None
    if mask is not None:
        mask[..., 0] = True
    plain = functional.scaled_dot_product_attention(*qkv, mask)
    torch.testing.assert_close(attend(*qkv, mask, 0.2, Chosen(False)), plain / 0.8)
    torch.testing.assert_close(attend(*qkv, mask, 0.0, Noise()), plain)


@pytest.mark.usefixtures("pieces")
def test_a_dropped_weight_leaves_the_others_as_they_were(qkv):
    query, key, value = qkv
    without = value.clone()
    without[:, :, 1] = 0
    expected = functional.scaled_dot_product_attention(query, key, without) / 0.8
    torch.testing.assert_close(attend(*qkv, None, 0.2, Chosen(True)), expected)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("masked", (False, True))
def test_its_gradients_are_those_of_torchs_attention(qkv, masked):
    mask = torch.tensor([True, False, True]).expand(5, 1, 1, 3) if masked else None
    for x in qkv:
        x.requires_grad_()
    upstream = torch.randn(5, 2, 7, 4, dtype=torch.float64)
    ours = torch.autograd.grad(attend(*qkv, mask, 0.2, Chosen(False)), qkv, upstream)
    plain = functional.scaled_dot_product_attention(*qkv, mask) / 0.8
    torch.testing.assert_close(ours, torch.autograd.grad(plain, qkv, upstream))


def test_its_gradients_know_what_was_dropped(qkv):
    for x in qkv:
        x.requires_grad_()
    assert torch.autograd.gradcheck(lambda *x: attend(*x, None, 0.2, Chosen(True)), qkv)


def test_dropout_keeps_the_mean():
    torch.manual_seed(0)
    dropped = drop(torch.ones(200, 200), 0.25, Noise())
    assert abs((dropped == 0).float().mean() - 0.25) < 0.01
    assert abs(dropped.mean() - 1) < 0.02


def test_dropouts_gradient_is_that_of_what_it_kept():
    torch.manual_seed(0)
    x = torch.randn(30, 40, requires_grad=True)
    dropped = drop(x, 0.25, Noise())
    dropped.backward(torch.ones_like(x))
    torch.testing.assert_close(x.grad * x, dropped)
