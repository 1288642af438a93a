"""Last layers and the distributions that they end in."""

from __future__ import annotations

import math

from torch import Tensor, nn
from typing_extensions import override

from wmframe.nn.blocks import linear
from wmframe.nn.distributions import Distribution
from wmframe.nn.distributions.mse import Mse
from wmframe.nn.distributions.normal import Normal
from wmframe.nn.distributions.symlog_mse import SymlogMse
from wmframe.nn.distributions.two_hot import TwoHot
from wmframe.nn.layers import full_precision


class ImageMse(Mse):
    """Images in [0, 1]; the data are in [-0.5, 0.5]. The whole squared error, summed, is the loss.

    Args:
        mean: [B, T, K, H, W] in [0, 1].
    """

    def __init__(self, mean: Tensor) -> None:
        super().__init__(full_precision(mean) - 0.5, 3)

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        return 2 * super().log_prob(x)


class SymlogOutput(nn.Module):
    """Units [..., in_dim] to vectors of ``shape``, predicted by their symlog."""

    def __init__(self, in_dim: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.linear = linear(in_dim, math.prod(shape))

    def forward(self, x: Tensor) -> Distribution:
        """[..., in_dim] to a distribution batched [...]."""
        return SymlogMse(full_precision(self.linear(x)))


class TwoHotOutput(nn.Module):
    """Units [..., in_dim] to a number over ``bins``; initial weights of scale ``scale``."""

    def __init__(self, in_dim: int, bins: int = 255, scale: float = 0.0) -> None:
        super().__init__()
        self.linear = linear(in_dim, bins, scale)

    def forward(self, x: Tensor) -> TwoHot:
        """[..., in_dim] to a distribution batched [...]."""
        return TwoHot(full_precision(self.linear(x)))


class BoundedNormalOutput(nn.Module):
    """Units [..., in_dim] to normals: mean tanh(m), deviation (high - low) sigmoid(s + 2) + low."""

    def __init__(
        self, in_dim: int, size: int, low: float = 0.1, high: float = 1.0, scale: float = 0.01
    ) -> None:
        super().__init__()
        self.mean = linear(in_dim, size, scale)
        self.std = linear(in_dim, size, scale)
        self.low, self.high = low, high

    def forward(self, x: Tensor) -> Normal:
        """[..., in_dim] to a distribution batched [...]."""
        mean = full_precision(self.mean(x)).tanh()
        raw = full_precision(self.std(x))
        return Normal(mean, (self.high - self.low) * (raw + 2).sigmoid() + self.low)
