"""Stochastic latents: categorical (Hafner et al. 2020) and Gaussian (Hafner et al. 2019).

``stats`` are a tuple of tensors, named by ``fields``: the parameters of the distribution over
[..., S] variables. S: number of variables, D: classes of each.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from wmframe.errors import UsageError
from wmframe.nn.choices import STD_ACTIVATIONS
from wmframe.nn.config import CategoricalConfig, GaussianConfig
from wmframe.nn.noise import Noise
from wmframe.nn.one_hot import one_hot_argmax, straight_through
from wmframe.nn.precision import float32_at_least
from wmframe.nn.unimix import unimix

Stats = tuple[Tensor, ...]


class Latent(ABC):
    """A family of distributions; it holds settings only, no tensors."""

    fields: tuple[str, ...]
    """Names of the ``stats``."""

    params: int
    """Width of the layer whose output :meth:`stats` takes."""

    dim: int
    """Length of :meth:`flat`."""

    @abstractmethod
    def stats(self, raw: Tensor) -> Stats:
        """Output of a last layer [..., params] to the parameters of the distribution."""

    @abstractmethod
    def sample(self, stats: Stats, noise: Noise) -> Tensor:
        """A sample, with gradients to ``stats``."""

    @abstractmethod
    def mode(self, stats: Stats) -> Tensor:
        """The most likely value."""

    @abstractmethod
    def kl(self, lhs: Stats, rhs: Stats) -> Tensor:
        """KL(lhs || rhs) in nats, summed over the S variables: [...]."""

    @abstractmethod
    def entropy(self, stats: Stats) -> Tensor:
        """Entropy in nats, summed over the S variables: [...]."""

    @abstractmethod
    def flat(self, stoch: Tensor) -> Tensor:
        """A sample as one vector: [..., dim]."""


class CategoricalLatent(Latent):
    """S one-hot vectors of D classes; stats: ``logit`` [..., S, D].

    Args:
        stoch: S.
        discrete: D.
        straight_through: whether samples pass gradients on to the probabilities.
        unimix: share of the uniform distribution that is mixed in.
    """

    fields = ("logit",)

    def __init__(
        self, stoch: int, discrete: int, straight_through: bool = True, unimix: float = 0.0
    ) -> None:
        self.stoch = stoch
        self.discrete = discrete
        self.straight_through = straight_through
        self.unimix = unimix
        self.params = self.dim = stoch * discrete

    @override
    def stats(self, raw: Tensor) -> Stats:
        logit = float32_at_least(raw).reshape(*raw.shape[:-1], self.stoch, self.discrete)
        return (unimix(logit, self.unimix) if self.unimix else logit,)

    @override
    def sample(self, stats: Stats, noise: Noise) -> Tensor:
        probs = stats[0].exp() if self.unimix else stats[0].softmax(-1)
        hard = noise.one_hot(probs)
        return straight_through(hard, probs) if self.straight_through else hard

    @override
    def mode(self, stats: Stats) -> Tensor:
        return one_hot_argmax(stats[0])

    @override
    def kl(self, lhs: Stats, rhs: Stats) -> Tensor:
        log_p, log_q = self._log_probs(lhs), self._log_probs(rhs)
        return (log_p.exp() * (log_p - log_q)).sum((-2, -1))

    @override
    def entropy(self, stats: Stats) -> Tensor:
        log_p = self._log_probs(stats)
        return -(log_p.exp() * log_p).sum((-2, -1))

    def _log_probs(self, stats: Stats) -> Tensor:
        """What is mixed with the uniform distribution is normalized already."""
        return stats[0] if self.unimix else stats[0].log_softmax(-1)

    @override
    def flat(self, stoch: Tensor) -> Tensor:
        return stoch.flatten(-2)


class GaussianLatent(Latent):
    """S independent normals; stats: ``mean`` and ``std``, each [..., S].

    Args:
        stoch: S.
        std_act: how the last layer's output becomes positive: ``sigmoid2`` is 2 sigmoid(x / 2).
        min_std: added to it.

    Raises:
        UsageError: no such ``std_act``.
    """

    fields = ("mean", "std")

    def __init__(self, stoch: int, std_act: str, min_std: float) -> None:
        if std_act not in STD_ACTIVATIONS:
            allowed = ", ".join(STD_ACTIVATIONS)
            raise UsageError(f"unknown std_act {std_act!r}", f"one of: {allowed}")
        self.dim = stoch
        self.params = 2 * stoch
        self.std_act = std_act
        self.min_std = min_std

    @override
    def stats(self, raw: Tensor) -> Stats:
        mean, std = float32_at_least(raw).chunk(2, -1)
        match self.std_act:
            case "sigmoid2":
                std = 2 * torch.sigmoid(std / 2)
            case "sigmoid":
                std = torch.sigmoid(std)
            case _:
                std = functional.softplus(std)
        return mean, std + self.min_std

    @override
    def sample(self, stats: Stats, noise: Noise) -> Tensor:
        mean, std = stats
        return mean + std * noise.normal(mean.shape, mean)

    @override
    def mode(self, stats: Stats) -> Tensor:
        return stats[0]

    @override
    def kl(self, lhs: Stats, rhs: Stats) -> Tensor:
        (mean_p, std_p), (mean_q, std_q) = lhs, rhs
        ratio = (std_p / std_q).square()
        distance = ((mean_p - mean_q) / std_q).square()
        return 0.5 * (ratio + distance - 1 - ratio.log()).sum(-1)

    @override
    def entropy(self, stats: Stats) -> Tensor:
        return (0.5 * math.log(2 * math.pi * math.e) + stats[1].log()).sum(-1)

    @override
    def flat(self, stoch: Tensor) -> Tensor:
        return stoch


def categorical(config: CategoricalConfig) -> Latent:
    """Component ``wmframe.categorical``."""
    return CategoricalLatent(config.stoch, config.discrete, unimix=config.unimix)


def gaussian(config: GaussianConfig) -> Latent:
    """Component ``wmframe.gaussian``."""
    return GaussianLatent(config.stoch, config.std_act, config.min_std)
