"""Independent normals."""

from __future__ import annotations

import math
from typing import Final

from torch import Tensor
from typing_extensions import override

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.noise import Noise

LOG_ROOT: Final = 0.5 * math.log(2 * math.pi)


class Normal(Distribution):
    """Normals [batch, A], one event of A entries.

    Args:
        mean: [batch, A].
        std: [batch, A], positive.
    """

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        self._mean = mean
        self.std = std

    @override
    def mode(self) -> Tensor:
        return self._mean

    @override
    def mean(self) -> Tensor:
        return self._mean

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        scaled = (x - self._mean) / self.std
        return (-0.5 * scaled.square() - self.std.log() - LOG_ROOT).sum(-1)

    @override
    def entropy(self) -> Tensor:
        return (0.5 + LOG_ROOT + self.std.log()).sum(-1)

    @override
    def sample(self, noise: Noise) -> Tensor:
        return self._mean + self.std * noise.normal(self._mean.shape, self._mean)
