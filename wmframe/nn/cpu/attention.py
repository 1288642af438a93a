"""Scaled dot-product attention with dropout on a CPU, where torch has no fused kernel for it.

It goes through the batch in pieces whose weights stay in the cache.

Letters: N batch rows, Q queries, M tokens, X length of a query.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from wmframe.nn.cpu.switch import enabled

PIECE: Final = 2**20
"""Attention weights at a time."""

NARROW: Final = 16
"""Length X of a query below which BLAS is faster with the transposed product."""


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
) -> Tensor:
    """torch's, for several heads; its own kernel on a CPU where some weights are dropped.

    Args:
        query: [N, heads, Q, X].
        key: [N, heads, M, X].
        value: [N, heads, M, X].
        attn_mask: [N, 1, 1, M], True for what is seen; None for all.
        dropout_p: share of the weights that is dropped.
    """
    if not dropout_p or query.device.type != "cpu" or not _usable():
        attend = functional.scaled_dot_product_attention
        return attend(query, key, value, attn_mask, dropout_p)
    rows = max(1, PIECE // (query.shape[1] * query.shape[2] * key.shape[2]))
    value = value / (1 - dropout_p)
    queries, keys, values = (torch.split(x, rows) for x in (query, key, value))
    masks = [None] * len(queries) if attn_mask is None else list(torch.split(attn_mask, rows))
    pieces = [
        _attend_piece(*piece, dropout_p) for piece in zip(queries, keys, values, masks, strict=True)
    ]
    return torch.cat(pieces)


@cache
def has_softmax_backward() -> bool:
    """Whether this torch has the operator that the backward pass takes: tried on two weights."""
    try:
        half = torch.full((1, 2), 0.5)
        found = torch.ops.aten._softmax_backward_data(
            torch.tensor([[1.0, 0.0]]), half, -1, half.dtype
        )
        return torch.allclose(found, torch.tensor([[0.25, -0.25]]))
    except (AttributeError, RuntimeError, TypeError):
        return False


def _usable() -> bool:
    return enabled("attention") and has_softmax_backward()


def _attend_piece(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout_p: float
) -> Tensor:
    kept = dropout_mask((*query.shape[:-1], key.shape[2]), dropout_p, query.dtype)
    found: Tensor = _Attend.apply(query, key, value, mask, kept)  # type: ignore[no-untyped-call]
    return found


def dropout_mask(shape: tuple[int, ...], dropout_p: float, dtype: torch.dtype) -> Tensor:
    """0 with probability ``dropout_p``, else 1, each entry by itself.

    Four entries share a random word of 64 bits: one word each takes four times as long as this.
    """
    count = math.prod(shape)
    words = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None)
    bits = words.view(torch.int16)[:count].view(shape)
    return (bits >= round(dropout_p * 2**16) - 2**15).to(dtype)


class _Attend(torch.autograd.Function):
    """Keeps its weights [N, heads, Q, M] as they are before some are dropped."""

    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, kept: Tensor
    ) -> Tensor:
        # each is used in several products, each of which would copy it to a new layout
        query, key, value = (x.contiguous() for x in (query * _scale(query), key, value))
        score = query @ key.mT
        if mask is not None:
            score.masked_fill_(~mask, -torch.inf)
        weight = score.softmax(-1)
        ctx.save_for_backward(query, key, value, weight, kept)
        return _times(weight * kept, value)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, weight, kept = ctx.saved_tensors
        grad = grad.contiguous()
        grad_weight = (grad @ value.mT).mul_(kept)
        grad_score = torch.ops.aten._softmax_backward_data(grad_weight, weight, -1, weight.dtype)
        grad_value = _times((weight * kept).mT, grad)
        grad_query = _times(grad_score, key) * _scale(query)
        return grad_query, _times(grad_score.mT, query), grad_value, None, None


def _scale(query: Tensor) -> float:
    return float(query.shape[-1] ** -0.5)


def _times(wide: Tensor, narrow: Tensor) -> Tensor:
    return (narrow.mT @ wide.mT).mT if narrow.shape[-1] < NARROW else wide @ narrow
