"""One-hot draws with straight-through gradients (Bengio et al. 2013)."""

from __future__ import annotations

import torch
from torch import Tensor


def one_hot_argmax(x: Tensor) -> Tensor:
    """1 at the largest entry of the last dimension, 0 elsewhere; no gradient."""
    index = x.detach().argmax(-1, keepdim=True)
    return torch.zeros_like(x, memory_format=torch.contiguous_format).scatter_(-1, index, 1.0)


def draw_one_hot(probs: Tensor, uniform: Tensor) -> Tensor:
    """Sample one-hot vectors by inverting the cumulative distribution; no gradient.

    Unlike torch's ``multinomial`` it never waits for a device.

    Args:
        probs: [..., D] of D classes; need not sum to exactly 1.
        uniform: [...] in (0, 1); the class is the first whose cumulative probability reaches it.
    """
    cumulative = probs.detach().cumsum(-1)
    index = torch.searchsorted(cumulative, uniform.unsqueeze(-1) * cumulative[..., -1:])
    index.clamp_(max=probs.shape[-1] - 1)  # NaN probabilities find no place
    zeros = torch.zeros_like(probs, memory_format=torch.contiguous_format)
    return zeros.scatter_(-1, index, 1.0)


def straight_through(hard: Tensor, probs: Tensor) -> Tensor:
    """The value of ``hard``, which has no gradient of its own, with the gradient of ``probs``."""
    return hard + (probs - probs.detach())  # the difference is exactly 0
