"""Squared error as a distribution."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.noise import Noise


class Mse(Distribution):
    """A normal of one variance, 1 by default; its log-likelihood leaves the constant out.

    Args:
        mean: [batch, event].
        event_dims: how many of the last dimensions are one event.
        weight: of the squared error, 1 / (2 variance).
    """

    def __init__(self, mean: Tensor, event_dims: int = 0, weight: float = 0.5) -> None:
        self._mean = mean
        self._weight = weight
        self._event = tuple(range(-event_dims, 0))

    @override
    def mode(self) -> Tensor:
        return self._mean

    @override
    def mean(self) -> Tensor:
        return self._mean

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        """``-weight (x - mean)^2``, summed over the event."""
        error = functional.mse_loss(
            self._mean, x, reduction="none"
        )  # one pass over images each way
        return -self._weight * (error.sum(self._event) if self._event else error)

    @override
    def entropy(self) -> Tensor:
        size = math.prod(self._mean.shape[d] for d in self._event)
        batch = self._mean.shape[: self._mean.dim() - len(self._event)]
        return self._mean.new_full(batch, 0.5 * math.log(math.pi * math.e / self._weight) * size)

    @override
    def sample(self, noise: Noise) -> Tensor:
        std: float = (2 * self._weight) ** -0.5
        return self._mean + std * noise.normal(self._mean.shape, self._mean)
