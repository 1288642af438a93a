"""One-hot draws with straight-through gradients (Bengio et al. 2013)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wmframe.nn.cpu.switch import enabled


def one_hot_argmax(x: Tensor) -> Tensor:
    """1 at the largest entry of the last dimension, 0 elsewhere; no gradient."""
    index = x.detach().argmax(-1, keepdim=True)
    return torch.zeros_like(x, memory_format=torch.contiguous_format).scatter_(-1, index, 1.0)


def draw_one_hot(probs: Tensor, drawn: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """Sample one-hot vectors from ``probs`` [..., D]; unlike torch's, it never waits for a device.

    Args:
        probs: of D classes; no gradient comes back to them.
        drawn: what :meth:`wmframe.nn.noise.Noise.categorical` gave for them. Of exponential noise
            [..., D] it makes a race: the first of D clocks with rates ``probs`` to ring is k with
            probability ``probs[k]``. A uniform number [...] tells where in the sum of all classes
            to stop.
        dtype: of the vectors; that of ``probs`` by default.
    """
    if drawn.dim() == probs.dim():
        return one_hot_argmax(probs.detach() / drawn).to(dtype or probs.dtype)
    below = probs.detach().cumsum(-1)
    index = torch.searchsorted(below, drawn.unsqueeze(-1) * below[..., -1:])
    classes = probs.shape[-1]
    index.clamp_(max=classes - 1)  # where probabilities are not numbers it finds no place
    vectors = torch.eye(classes, dtype=dtype or probs.dtype, device=probs.device)
    return vectors.index_select(0, index.flatten()).view_as(probs)


def straight_through(hard: Tensor, probs: Tensor) -> Tensor:
    """The value of ``hard``, which has no gradient of its own, with the gradient of ``probs``.

    Zeros and ones may be of less precision than probabilities.
    """
    if not enabled("straight_through"):
        return hard + probs - probs.detach()
    out: Tensor = _StraightThrough.apply(hard, probs)  # type: ignore[no-untyped-call]
    return out


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hard: Tensor, probs: Tensor) -> Tensor:
        return hard.data  # no view, for what comes next may write over it

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor]:
        return None, grad
