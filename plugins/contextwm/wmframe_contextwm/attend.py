"""Attention and dropout, the same as torch's to rounding, and faster on the CPU.

Letters: N batch, Q queries, M tokens, D length of a query.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from wmframe.nn.cpu.switch import enabled
from wmframe.nn.noise import Noise, keep, keep_

PIECE: Final = 2**20
"""Attention weights at a time on the CPU."""

NARROW: Final = 16
"""Length D of a query below which products with it are made the other way around."""


def attend(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout: float, noise: Noise
) -> Tensor:
    """Scaled dot-product attention of several heads, with dropout of its weights.

    On the CPU torch has no fused kernel with dropout; what it does instead takes three times as
    long as this, which goes through the rows in pieces that stay in the cache.

    Args:
        query: [N, heads, Q, D].
        key: [N, heads, M, D].
        value: [N, heads, M, D].
        mask: [N, 1, 1, M], True for what is seen; None for all.
        dropout: share of the weights that is dropped.
        noise: which of them.
    """
    if not dropout or query.device.type != "cpu" or not enabled("attention"):
        return functional.scaled_dot_product_attention(query, key, value, mask, dropout)
    rows = max(1, PIECE // (query.shape[1] * query.shape[2] * key.shape[2]))
    value = value / (1 - dropout)
    masks = [None] * len(query) if mask is None else mask.split(rows)
    pieces = zip(query.split(rows), key.split(rows), value.split(rows), masks, strict=False)
    return torch.cat([_attend_piece(*piece, dropout, noise) for piece in pieces])


def _attend_piece(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, share: float, noise: Noise
) -> Tensor:
    kept = noise.chosen((*query.shape[:-1], key.shape[2]), 1 - share, query)
    found: Tensor = _Attend.apply(query, key, value, mask, kept)  # type: ignore[no-untyped-call]
    return found


class _Attend(torch.autograd.Function):
    """Its weights [N, heads, Q, M] are kept from before some are dropped."""

    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, kept: Tensor
    ) -> Tensor:
        # each is in several products, of which every one would lay it out anew
        query, key, value = (x.contiguous() for x in (query * _scale(query), key, value))
        weight = _weights(query, key, mask)
        ctx.save_for_backward(query, key, value, weight, kept)
        return _times(keep(weight, kept), value)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, weight, kept = ctx.saved_tensors
        grad = grad.contiguous()
        grad_weight = keep_(grad @ value.mT, kept)
        softmax_backward = torch.ops.aten._softmax_backward_data
        grad_score = softmax_backward(grad_weight, weight, -1, weight.dtype)
        grad_value = _times(keep(weight, kept).mT, grad)
        grad_query = _times(grad_score, key) * _scale(query)
        return grad_query, _times(grad_score.mT, query), grad_value, None, None


def _scale(query: Tensor) -> float:
    return float(query.shape[-1] ** -0.5)


def _weights(scaled: Tensor, key: Tensor, mask: Tensor | None) -> Tensor:
    score = scaled @ key.mT
    if mask is not None:
        score.masked_fill_(~mask, -torch.inf)
    return score.softmax(-1)


def _times(wide: Tensor, narrow: Tensor) -> Tensor:
    # the other way around BLAS takes a fifth of the time where D is 8, from 16 on as long
    return (narrow.mT @ wide.mT).mT if narrow.shape[-1] < NARROW else wide @ narrow


def drop(x: Tensor, share: float, noise: Noise) -> Tensor:
    """Dropout: a ``share`` of the entries becomes 0, the others grow to keep the mean."""
    if not share:
        return x
    if not enabled("dropout_bits"):
        return functional.dropout(x, share)
    dropped: Tensor = _Drop.apply(x, noise.chosen(x.shape, 1 - share, x), 1 / (1 - share))  # type: ignore[no-untyped-call]
    return dropped


class _Drop(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kept: Tensor, growth: float) -> Tensor:
        ctx.save_for_backward(kept)
        ctx.growth = growth
        return keep_(x * growth, kept)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        (kept,) = ctx.saved_tensors
        return keep_(grad * ctx.growth, kept), None, None
