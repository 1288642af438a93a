"""Bernoulli from a logit."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.noise import Noise


class Binary(Distribution):
    """1 with probability ``sigmoid(logit)``; each entry of ``logit`` is one event."""

    def __init__(self, logit: Tensor) -> None:
        self.logit = logit

    @override
    def mode(self) -> Tensor:
        return (self.logit > 0).to(self.logit.dtype)

    @override
    def mean(self) -> Tensor:
        return self.logit.sigmoid()

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        """``x log s + (1 - x) log(1 - s)``, also for soft targets ``x`` in [0, 1]."""
        return -functional.binary_cross_entropy_with_logits(self.logit, x, reduction="none")

    @override
    def entropy(self) -> Tensor:
        return functional.binary_cross_entropy_with_logits(
            self.logit, self.mean(), reduction="none"
        )

    @override
    def sample(self, noise: Noise) -> Tensor:
        """0 or 1, without gradient."""
        return (noise.uniform(self.logit.shape, self.logit) < self.mean()).to(self.logit.dtype)
