"""A linear layer is torch's to rounding, however its work is shared."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from wmframe.bench.counting import count
from wmframe.nn.cpu import linear as module
from wmframe.nn.cpu.linear import Linear, product
from wmframe.nn.cpu.switch import without


@pytest.fixture(autouse=True, params=(1, 2))
def threads(request, monkeypatch):
    monkeypatch.setattr(module, "SMALL", 0)
    monkeypatch.setattr(torch, "get_num_threads", lambda: request.param)
    return request.param


@pytest.mark.parametrize("bias", (True, False))
@pytest.mark.parametrize("shape", ((), (1,), (5,), (17,), (3, 7), (0, 3)))
@pytest.mark.parametrize("dtype", (torch.float32, torch.float64))
def test_it_is_torchs_with_and_without_gradients(shape, bias, dtype):
    torch.manual_seed(0)
    layer, x = Linear(6, 12, bias=bias).to(dtype), torch.randn(*shape, 6, dtype=dtype)
    wanted = functional.linear(x, layer.weight, layer.bias)
    assert torch.equal(layer(x), wanted)
    with torch.no_grad():
        found = layer(x)
        with without():
            assert torch.equal(layer(x), wanted)
    assert found.shape == wanted.shape
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("layout", ("plain", "transposed", "sliced"))
@pytest.mark.parametrize("rows", (1, 2, 16, 17))
def test_products_are_torchs_whatever_the_layout(layout, rows):
    torch.manual_seed(0)
    weight = {
        "plain": torch.randn(6, 12),
        "transposed": torch.randn(12, 6).t(),
        "sliced": torch.randn(6, 20)[:, 2:14],
    }[layout]
    x, bias = torch.randn(rows, 6), torch.randn(12)
    torch.testing.assert_close(product(x, weight), x @ weight)
    torch.testing.assert_close(product(x, weight, bias), x @ weight + bias)


def test_few_rows_are_not_worth_casting_a_weight_for():
    x, layer = torch.randn(module.UNCAST + 1, 6), Linear(6, 12)
    with torch.no_grad():
        few = layer(x[:-1])
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(layer(x[:-1]), few)
            assert layer(x[:2].bfloat16()).dtype == torch.float32
            assert torch.is_autocast_enabled("cpu")
            assert layer(x).dtype == torch.bfloat16
            with without():
                assert layer(x[:-1]).dtype == torch.bfloat16


def test_its_arithmetic_is_counted():
    x, layer = torch.randn(4, 6), Linear(6, 12)
    with torch.no_grad():
        assert count(lambda: layer(x)).flops == 2 * 4 * 6 * 12


@pytest.mark.parametrize("dtype", (torch.float32, torch.bfloat16))
def test_only_what_blas_multiplies_is_shared_out(threads, dtype):
    x, weight = torch.randn(8, 6).to(dtype), torch.randn(6, 12).to(dtype)
    with torch.no_grad():
        plain = count(lambda: x @ weight).ops
        shared = count(lambda: product(x, weight)).ops > plain
    assert shared == (threads > 1 and dtype == torch.float32)
