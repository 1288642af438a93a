"""The range of a stream of numbers (Hafner et al. 2023, equation 12)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wmframe.parallel.collectives import average_


class Percentiles(nn.Module):
    """The distance of two percentiles, each a running mean that begins at 0.

    Args:
        rate: of the running means.
        low: the lower percentile in [0, 1].
        high: the higher one.
        least: the distance that :meth:`forward` gives is at least this.
    """

    at: Tensor
    low: Tensor
    high: Tensor

    def __init__(
        self, rate: float = 0.01, low: float = 0.05, high: float = 0.95, least: float = 1.0
    ) -> None:
        super().__init__()
        self.rate, self.least = rate, least
        # float64, so that the places in a long row are exact
        at = torch.tensor([low, high], dtype=torch.float64)
        self.register_buffer("at", at, persistent=False)
        self.register_buffer("low", torch.zeros(()))
        self.register_buffer("high", torch.zeros(()))

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """Take note of numbers of any shape, then give the distance: a scalar.

        Each of several processes has a part of the numbers; the percentiles of these are averaged.
        """
        found_Q = quantiles(x.flatten(), self.at.to(x))
        average_(found_Q)
        low, high = found_Q.to(self.low).unbind()
        self.low.lerp_(low, self.rate)
        self.high.lerp_(high, self.rate)
        return (self.high - self.low).clamp(min=self.least)


def quantiles(x_N: Tensor, at_Q: Tensor) -> Tensor:
    """As ``torch.quantile``, which refuses more than 16 million entries: [Q]."""
    ordered_N = x_N.sort().values
    place_Q = at_Q * (len(x_N) - 1)
    below_Q = place_Q.floor().long()
    above_Q = (below_Q + 1).clamp(max=len(x_N) - 1)
    return torch.lerp(ordered_N[below_Q], ordered_N[above_Q], place_Q - below_Q)
