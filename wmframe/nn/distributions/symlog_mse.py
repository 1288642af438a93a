"""Squared error in symlog space (Hafner et al. 2023, equation 8)."""

from __future__ import annotations

from torch import Tensor
from typing_extensions import override

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.noise import Noise
from wmframe.nn.symlog import symexp, symlog


class SymlogMse(Distribution):
    """Numbers whose symlog is predicted; log-likelihoods are minus the summed squared error.

    Args:
        mean: of the symlog, [batch, V].
    """

    def __init__(self, mean: Tensor) -> None:
        self._mean = mean

    @override
    def mode(self) -> Tensor:
        return symexp(self._mean)

    @override
    def mean(self) -> Tensor:
        return symexp(self._mean)

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        return -(self._mean - symlog(x)).square().sum(-1)

    @override
    def entropy(self) -> Tensor:
        return self._mean.new_zeros(self._mean.shape[:-1])

    @override
    def sample(self, noise: Noise) -> Tensor:
        return self.mean()
