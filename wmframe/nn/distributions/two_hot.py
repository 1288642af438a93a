"""Symexp two-hot: a number as weights of two bins (Hafner et al. 2023, equation 10)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import torch
from torch import Tensor
from typing_extensions import override

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.noise import Noise
from wmframe.nn.symlog import symexp

LIMIT: Final = 20.0
"""The outermost bins are at symexp(+-20), some 4.85e8."""


@lru_cache(maxsize=8)
def two_hot_bins(count: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Bins from -symexp(20) to symexp(20), exactly symmetric: [count], an odd number."""
    half = symexp(torch.linspace(-LIMIT, 0, count // 2 + 1, dtype=dtype, device=device))
    return torch.cat([half, -half[:-1].flip(0)])


class TwoHot(Distribution):
    """A number, as a categorical over bins in raw space.

    Args:
        logit: [batch, K], K bins.
    """

    def __init__(self, logit: Tensor) -> None:
        self.logit = logit
        self.bins = two_hot_bins(logit.shape[-1], logit.dtype, logit.device)

    @override
    def mode(self) -> Tensor:
        return self.mean()

    @override
    def mean(self) -> Tensor:
        """Mirror images are subtracted first, so that uniform probabilities give exactly 0."""
        probs, middle = self.logit.softmax(-1), self.bins.shape[0] // 2
        left, right = probs[..., :middle].flip(-1), probs[..., middle + 1 :]
        return ((right - left) * self.bins[middle + 1 :]).sum(-1)

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        """Negative cross-entropy with the two bins next to ``x``, by distance in raw space."""
        last = self.bins.shape[0] - 1
        below = (torch.searchsorted(self.bins, x.contiguous(), right=True) - 1).clamp(0, last)
        above = torch.searchsorted(self.bins, x.contiguous()).clamp(0, last)
        to_below, to_above = (self.bins[below] - x).abs(), (self.bins[above] - x).abs()
        alone = below == above  # on a bin, or beyond the ends
        share = torch.where(alone, 1.0, to_above / (to_below + to_above).clamp(min=1e-38))
        log_p = self.logit.log_softmax(-1)
        at_below = log_p.gather(-1, below.unsqueeze(-1)).squeeze(-1)
        at_above = log_p.gather(-1, above.unsqueeze(-1)).squeeze(-1)
        return share * at_below + (1 - share) * at_above

    @override
    def entropy(self) -> Tensor:
        log_p = self.logit.log_softmax(-1)
        return -(log_p.exp() * log_p).sum(-1)

    @override
    def sample(self, noise: Noise) -> Tensor:
        return (noise.one_hot(self.logit.softmax(-1)) * self.bins).sum(-1)
