"""Normal truncated to [-1, 1], for bounded actions (Hafner et al. 2020)."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Final

import torch
from torch import Tensor
from torch.special import ndtr
from typing_extensions import override

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.noise import Noise

SAMPLE_LIMIT: Final = 1.0 - 1e-6  # samples stay strictly inside, so that their likelihood is finite


class TruncNormal(Distribution):
    """Independent truncated normals, [batch, A]; the last dimension is one event.

    Args:
        loc: mean before truncation.
        scale: standard deviation before truncation, above 0.
    """

    def __init__(self, loc: Tensor, scale: Tensor) -> None:
        self.loc = loc
        self.scale = scale

    @cached_property
    def _low(self) -> Tensor:
        return (-1.0 - self.loc) / self.scale

    @cached_property
    def _high(self) -> Tensor:
        return (1.0 - self.loc) / self.scale

    @cached_property
    def _below(self) -> Tensor:
        """Probability that the untruncated normal falls below -1."""
        below: Tensor = ndtr(self._low)
        return below

    @cached_property
    def _mass(self) -> Tensor:
        """Probability that the untruncated normal falls inside, Z."""
        inside: Tensor = ndtr(self._high) - self._below
        return inside.clamp(min=torch.finfo(self.loc.dtype).eps)

    @override
    def mode(self) -> Tensor:
        return self.loc.clamp(-1.0, 1.0)

    @override
    def mean(self) -> Tensor:
        return self.loc - self.scale * (_pdf(self._high) - _pdf(self._low)) / self._mass

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        z = (x - self.loc) / self.scale
        density = -0.5 * (math.log(2 * math.pi) + z.square()) - self.scale.log() - self._mass.log()
        return density.sum(-1)

    @override
    def entropy(self) -> Tensor:
        edges = self._high * _pdf(self._high) - self._low * _pdf(self._low)
        entropy = 0.5 * math.log(2 * math.pi * math.e) + (self.scale * self._mass).log()
        return (entropy - 0.5 * edges / self._mass).sum(-1)

    def icdf(self, u: Tensor) -> Tensor:
        """The value below which a share ``u`` in (0, 1) of the probability lies."""
        limit = 1.0 - torch.finfo(u.dtype).eps  # erfinv(1) is infinite
        z = torch.erfinv((2 * (self._below + u * self._mass) - 1).clamp(-limit, limit))
        return self.loc + self.scale * math.sqrt(2) * z

    @override
    def sample(self, noise: Noise) -> Tensor:
        """Inverse-CDF sampling, within the limit; the gradient is always that of :meth:`icdf`."""
        x = self.icdf(noise.uniform(self.loc.shape, self.loc))
        return x + (x.clamp(-SAMPLE_LIMIT, SAMPLE_LIMIT) - x).detach()


def _pdf(x: Tensor) -> Tensor:
    return torch.exp(-0.5 * x.square()) / math.sqrt(2 * math.pi)
