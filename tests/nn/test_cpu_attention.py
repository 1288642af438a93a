"""Attention with dropout on the CPU is torch's own, up to which weights are dropped."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from wmframe.nn.cpu import attention as module
from wmframe.nn.cpu.attention import dropout_mask, scaled_dot_product_attention
from wmframe.nn.cpu.switch import without


@pytest.fixture
def qkv():
    torch.manual_seed(0)
    query, key, value = (torch.randn(5, 2, n, 4, dtype=torch.float64) for n in (7, 3, 3))
    return query, key, value


@pytest.fixture(params=(1, 2**20))
def pieces(request, monkeypatch):
    monkeypatch.setattr(module, "PIECE", request.param)


@pytest.fixture
def drop(monkeypatch):
    """Drops the weights of the second token, or none."""

    def choose(any_dropped: bool):
        def mask(shape, dropout_p, dtype):
            kept = torch.ones(shape, dtype=dtype)
            kept[..., 1] = not any_dropped
            return kept

        monkeypatch.setattr(module, "dropout_mask", mask)

    return choose


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("masked", (False, True))
def test_with_nothing_dropped_it_is_torchs_attention_grown(qkv, masked, drop):
    mask = torch.rand(5, 1, 1, 3) < 0.7 if masked else None
    if mask is not None:
        mask[..., 0] = True
    drop(False)
    plain = functional.scaled_dot_product_attention(*qkv, mask)
    torch.testing.assert_close(scaled_dot_product_attention(*qkv, mask, 0.2), plain / 0.8)
    torch.testing.assert_close(scaled_dot_product_attention(*qkv, mask), plain)


@pytest.mark.usefixtures("pieces")
def test_a_dropped_weight_leaves_the_others_as_they_were(qkv, drop):
    query, key, value = qkv
    without_second = value.clone()
    without_second[:, :, 1] = 0
    drop(True)
    expected = functional.scaled_dot_product_attention(query, key, without_second) / 0.8
    torch.testing.assert_close(scaled_dot_product_attention(*qkv, None, 0.2), expected)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("masked", (False, True))
def test_its_gradients_are_those_of_torchs_attention(qkv, masked, drop):
    mask = torch.tensor([True, False, True]).expand(5, 1, 1, 3) if masked else None
    drop(False)
    for x in qkv:
        x.requires_grad_()
    upstream = torch.randn(5, 2, 7, 4, dtype=torch.float64)
    found = scaled_dot_product_attention(*qkv, mask, 0.2)
    plain = functional.scaled_dot_product_attention(*qkv, mask) / 0.8
    wanted = torch.autograd.grad(plain, qkv, upstream)
    torch.testing.assert_close(torch.autograd.grad(found, qkv, upstream), wanted)


def test_its_gradients_know_what_was_dropped(qkv, drop):
    drop(True)
    for x in qkv:
        x.requires_grad_()
    assert torch.autograd.gradcheck(lambda *x: scaled_dot_product_attention(*x, None, 0.2), qkv)


def test_it_can_be_switched_off(qkv, monkeypatch):
    monkeypatch.setattr(module, "dropout_mask", None)
    with without():
        assert scaled_dot_product_attention(*qkv, None, 0.2).shape == (5, 2, 7, 4)


@pytest.mark.parametrize("share", (0.0, 0.1, 0.5, 0.9))
def test_each_weight_is_dropped_by_itself_as_often_as_asked(share):
    torch.manual_seed(0)
    kept = dropout_mask((3, 67, 201), share, torch.float32)
    assert set(kept.unique().tolist()) <= {0, 1}
    assert abs(kept.mean() - (1 - share)) < 0.01
    flat = kept.flatten()
    for shift in (1, 2, 3, 4):
        assert abs((flat * flat.roll(shift)).mean() - (1 - share) ** 2) < 0.01
