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
        mean: of the symlog, [batch, event].
        event_dims: how many of the last dimensions are one event.
    """

    def __init__(self, mean: Tensor, event_dims: int = 1) -> None:
        self._mean = mean
        self._event = tuple(range(-event_dims, 0))

    @override
    def mode(self) -> Tensor:
        return symexp(self._mean)

    @override
    def mean(self) -> Tensor:
        return symexp(self._mean)

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        error = (self._mean - symlog(x)).square()
        return -(error.sum(self._event) if self._event else error)

    @override
    def entropy(self) -> Tensor:
        batch = self._mean.dim() - len(self._event)
        return self._mean.new_zeros(self._mean.shape[:batch])

    @override
    def sample(self, noise: Noise) -> Tensor:
        return self.mean()
