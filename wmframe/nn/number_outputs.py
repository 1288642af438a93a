"""Last layers for numbers whose size is not known beforehand, and for bounded normals.

Hafner et al. 2023 (arXiv 2301.04104). Letters: U hidden units.
"""

from __future__ import annotations

import math

from torch import Tensor

from wmframe.nn.config import NormalConfig, TwoHotConfig
from wmframe.nn.cpu.linear import Linear
from wmframe.nn.distributions import Normal, TwoHot
from wmframe.nn.layers import lecun
from wmframe.nn.outputs import Output
from wmframe.nn.precision import float32_at_least

INITIAL = 2.0
"""Added before the sigmoid, so that a fresh deviation is near the largest one."""


class TwoHotOutput(Output):
    """A number, whatever the shape, by the probabilities of bins (equation 10)."""

    def __init__(
        self,
        config: TwoHotConfig,
        *,
        in_dim: int,
        shape: tuple[int, ...] = (),
        groups: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.linear = lecun(Linear(in_dim, config.bins), config.scale)

    def forward(self, hidden: Tensor) -> TwoHot:
        """See :meth:`Output.forward`."""
        return TwoHot(float32_at_least(self.linear(hidden)))


class NormalOutput(Output):
    """Normals of mean tanh(m) and deviation (max - min) sigmoid(s + 2) + min."""

    def __init__(
        self,
        config: NormalConfig,
        *,
        in_dim: int,
        shape: tuple[int, ...],
        groups: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.mean = lecun(Linear(in_dim, math.prod(shape)), config.scale)
        self.std = lecun(Linear(in_dim, math.prod(shape)), config.scale)
        self.low, self.high = config.min_std, config.max_std

    def forward(self, hidden: Tensor) -> Normal:
        """See :meth:`Output.forward`."""
        mean = float32_at_least(self.mean(hidden)).tanh()
        share = (float32_at_least(self.std(hidden)) + INITIAL).sigmoid()
        return Normal(mean, (self.high - self.low) * share + self.low)
