"""One-hot draws with straight-through gradients (Bengio et al. 2013)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def one_hot_argmax(x: Tensor) -> Tensor:
    """1 at the largest entry of the last dimension, 0 elsewhere; no gradient."""
    index = x.detach().argmax(-1, keepdim=True)
    return torch.zeros_like(x, memory_format=torch.contiguous_format).scatter_(-1, index, 1.0)


def draw_one_hot(probs: Tensor, exponential: Tensor) -> Tensor:
    """Sample one-hot vectors from ``probs`` [..., D], given exponential noise of the same shape.

    An exponential race: the first of D clocks with rates ``probs`` to ring is k with probability
    ``probs[k]``. Unlike ``torch.multinomial`` it never waits for the device.
    """
    return one_hot_argmax(probs.detach() / exponential)


def straight_through(hard: Tensor, probs: Tensor) -> Tensor:
    """The value of ``hard``, which has no gradient of its own, with the gradient of ``probs``."""
    out: Tensor = _StraightThrough.apply(hard, probs)  # type: ignore[no-untyped-call]
    return out


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hard: Tensor, probs: Tensor) -> Tensor:
        return hard.data  # no view, for what comes next may write over it

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor]:
        return None, grad
