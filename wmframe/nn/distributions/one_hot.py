"""Categorical over one-hot vectors, or over several of them side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor
from typing_extensions import override

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.noise import Noise
from wmframe.nn.one_hot import one_hot_argmax, straight_through


class OneHot(Distribution):
    """One-hot vectors [batch, D]; samples carry straight-through gradients.

    Args:
        logit: [batch, D], need not be normalized.
        groups: sizes that sum to D, for independent one-hot vectors laid side by side, as a
            MultiDiscrete action is; empty for one vector.
    """

    def __init__(self, logit: Tensor, groups: tuple[int, ...] = ()) -> None:
        self.logit = logit
        self._groups = groups if len(groups) > 1 else ()

    @cached_property
    def _log_probs(self) -> Tensor:
        return self._per_group(lambda logit: logit.log_softmax(-1), self.logit)

    @override
    def mode(self) -> Tensor:
        return self._per_group(one_hot_argmax, self.logit)

    @override
    def mean(self) -> Tensor:
        return self._log_probs.exp()

    @override
    def log_prob(self, x: Tensor) -> Tensor:
        """Log-probability of the largest entry of ``x`` (in each group); ``x`` may be inexact."""
        return (self._log_probs * self._per_group(one_hot_argmax, x)).sum(-1)

    @override
    def entropy(self) -> Tensor:
        return -(self._log_probs.exp() * self._log_probs).sum(-1)

    @override
    def sample(self, noise: Noise) -> Tensor:
        probs = self.mean()
        return straight_through(self._per_group(noise.one_hot, probs), probs)

    def _per_group(self, function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        if not self._groups:
            return function(x)
        return torch.cat([function(part) for part in torch.split(x, list(self._groups), -1)], -1)
