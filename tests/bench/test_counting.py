"""Operations, arithmetic, what is kept and what is read back, against sums done by hand."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from wmframe.bench.counting import count

N, K, M = 4, 8, 16


def made(*shape):
    return torch.randn(*shape, requires_grad=True)


def test_operations_that_compute_are_counted_and_views_are_not():
    x = torch.randn(N, K)
    counts = count(lambda: x.t().reshape(-1).view(N, K)[1:].relu().add_(1))
    assert counts.by_name == {"clone": 1, "relu": 1, "add_": 1}
    assert counts.ops == 3


def test_memory_that_is_only_set_aside_is_no_operation():
    counts = count(lambda: torch.empty(3).fill_(1))
    assert counts.ops == 1


def test_arithmetic_is_that_of_products_forwards_and_backwards():
    x, w = torch.randn(N, K), made(K, M)
    assert count(lambda: x @ w).flops == 2 * N * K * M
    assert count(lambda: (x @ w).sum().backward()).flops == 2 * 2 * N * K * M  # x needs none


def test_fused_attention_is_counted_on_the_cpu_too():
    q = torch.randn(2, 3, N, K)  # batch, heads
    counts = count(lambda: F.scaled_dot_product_attention(q, q, q))
    assert counts.flops == 2 * (2 * 2 * 3 * N * N * K)


def test_what_is_kept_is_counted_once_and_not_if_it_was_there_before():
    x, w = torch.randn(N, K), made(K, M)
    work = lambda: ((x @ w).exp() * 2).sum().backward()  # noqa: E731
    product = 4 * N * M  # of exp, its own result is kept
    assert count(work, [x, w]).saved_bytes == product
    assert count(work).saved_bytes == product + 4 * N * K  # w's gradient needs x, nothing needs w


def test_memory_that_is_used_again_counts_again():
    w = made(1000)

    def work():
        for _ in range(3):
            (w * 1.0).exp().sum().backward()

    assert count(work, [w]).saved_bytes == 3 * 4 * 1000


def test_values_that_are_read_back_are_counted():
    assert count(lambda: bool(torch.ones(1) > 0)).host_reads == 1
    assert count(lambda: torch.ones(1) > 0).host_reads == 0


def test_precision_is_that_of_the_arithmetic():
    x = torch.randn(N, N)

    def work():
        with torch.autocast("cpu", torch.bfloat16):
            x @ x

    assert count(work).precision == "bfloat16"
    assert count(lambda: x @ x).precision == "float32"
    assert count(lambda: x + x).precision == "none"


def test_what_is_compiled_is_counted_as_written():
    x = torch.randn(N, K)
    compiled = torch.compile(lambda: x.exp().sin())
    assert count(compiled).by_name == {"exp": 1, "sin": 1}
