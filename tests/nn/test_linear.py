"""A linear layer is torch's to rounding, whichever library multiplies and however it is shared."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from wmframe.bench.counting import count
from wmframe.nn import linear as module
from wmframe.nn.linear import Linear, linear, product

PLAIN = "plain"
TRANSPOSED = "transposed"
SLICED = "sliced"


@pytest.fixture(autouse=True, params=((1, True), (2, True), (2, False)))
def cpu(request, monkeypatch):
    threads, wide = request.param
    for bound in ("SMALL", "LARGE"):
        monkeypatch.setattr(module, bound, 0)
    monkeypatch.setattr(module, "WIDE", wide)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)


@pytest.fixture(params=(torch.float32, torch.float64))
def dtype(request):
    torch.manual_seed(0)
    return request.param


def make_weight(layout, dtype):
    made = {
        PLAIN: torch.randn(12, 6, dtype=dtype),
        TRANSPOSED: torch.randn(6, 12, dtype=dtype).t(),
        SLICED: torch.randn(12, 10, dtype=dtype)[:, 2:8],
    }
    return made[layout].requires_grad_()


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("layout", (PLAIN, TRANSPOSED, SLICED))
@pytest.mark.parametrize("shape", ((), (1,), (5,), (17,), (3, 7), (0, 3)))
def test_outputs_and_gradients_are_those_of_torch(shape, layout, dtype):
    x = torch.randn(*shape, 6, dtype=dtype, requires_grad=True)
    weight, bias = make_weight(layout, dtype), torch.randn(12, dtype=dtype, requires_grad=True)
    pull = torch.randn(*shape, 12, dtype=dtype)
    for add in (bias, None):
        found, wanted = linear(x, weight, add), functional.linear(x, weight, add)
        close(found, wanted)
        inputs = [x, weight, *([] if add is None else [add])]
        gradients = torch.autograd.grad(found, inputs, pull)
        close(gradients, torch.autograd.grad(wanted, inputs, pull))
        with torch.no_grad():
            close(linear(x, weight, add), wanted)


@pytest.mark.parametrize("rows", (1, 16, 17))
def test_something_may_be_added_to_each_row(rows, dtype):
    x = torch.randn(rows, 6, dtype=dtype, requires_grad=True)
    add = torch.randn(rows, 12, dtype=dtype, requires_grad=True)
    weight = make_weight(PLAIN, dtype)
    found, wanted = linear(x, weight, add), x @ weight.t() + add
    close(found, wanted)
    inputs = [x, weight, add]
    close(torch.autograd.grad(found.sum(), inputs), torch.autograd.grad(wanted.sum(), inputs))
    with torch.no_grad():
        close(product(x, weight.t(), add), wanted)


def test_what_comes_out_may_be_written_over(dtype):
    x, layer = torch.randn(2, 20, 6, dtype=dtype), Linear(6, 12).to(dtype)
    loss = functional.relu_(layer(x)).square().sum()
    plain = functional.linear(x, layer.weight, layer.bias).relu().square().sum()
    parameters = list(layer.parameters())
    wanted = torch.autograd.grad(plain, parameters)
    torch.testing.assert_close(torch.autograd.grad(loss, parameters), wanted, rtol=1e-4, atol=1e-4)


def test_a_frozen_layer_passes_gradients_on_and_keeps_no_input(dtype):
    x = torch.randn(20, 6, dtype=dtype, requires_grad=True)
    layer = Linear(6, 12).to(dtype).requires_grad_(False)
    counts = count(lambda: layer(x), (x, *layer.parameters()))
    assert counts.saved_bytes == 0
    close(torch.autograd.grad(layer(x).sum(), x)[0], layer.weight.sum(0).expand(20, -1))


def test_its_arithmetic_is_counted(dtype):
    x, layer = torch.randn(4, 5, 6, dtype=dtype), Linear(6, 12).to(dtype)
    assert count(lambda: layer(x).sum().backward()).flops == 2 * (2 * 20 * 6 * 12)


def test_few_rows_of_bfloat16_are_not_shared_out_by_us(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    x, weight = torch.randn(8, 6).bfloat16(), torch.randn(6, 12).bfloat16()
    with torch.no_grad():
        assert count(lambda: product(x, weight)).ops == 1
        torch.testing.assert_close(product(x, weight), x @ weight)


def test_few_rows_are_not_worth_casting_a_weight_for():
    x, layer = torch.randn(module.CAST + 1, 6), Linear(6, 12)
    with torch.no_grad():
        few = layer(x[:-1])
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(layer(x[:-1]), few)
            assert linear(x[:2].bfloat16(), layer.weight, few[:2].bfloat16()).dtype == torch.float32
            assert torch.is_autocast_enabled("cpu")
            assert layer(x).dtype == torch.bfloat16
            assert linear(x[:2], layer.weight.bfloat16()).dtype == torch.bfloat16


def test_a_lone_row_stays_a_row(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    column, weight, bias = torch.randn(256, 1), torch.randn(512, 256), torch.randn(512)
    expected = column.t().contiguous() @ weight.t()
    with torch.no_grad():
        for add in (None, bias, bias[None]):
            found = product(column.t(), weight.t(), add)
            assert found.stride() == (512, 1)  # with others BLAS takes many times as long
            torch.testing.assert_close(found, expected if add is None else expected + bias)
