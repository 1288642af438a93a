"""Distribution: what every head returns."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from wmframe.nn.noise import Noise


class Distribution(ABC):
    """A batch of distributions over events; batch dimensions come first, event dimensions last.

    Everything is computed lazily, and nothing is validated.
    """

    @abstractmethod
    def mode(self) -> Tensor:
        """The most likely event, [batch, event]."""

    @abstractmethod
    def mean(self) -> Tensor:
        """The expected event, [batch, event]."""

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """Log-likelihood of events ``x`` [batch, event] in nats: [batch]."""

    @abstractmethod
    def entropy(self) -> Tensor:
        """Entropy in nats: [batch]."""

    @abstractmethod
    def sample(self, noise: Noise) -> Tensor:
        """Draw an event; differentiable where the distribution has a reparametrization."""
