"""Last layers: hidden units to a distribution. Each is a component of kind ``output``.

Letters: U hidden units.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from wmframe.nn.config import BinaryConfig, OneHotConfig, TruncNormalConfig
from wmframe.nn.cpu.linear import Linear
from wmframe.nn.distributions import Binary, Distribution, Mse, OneHot, TruncNormal
from wmframe.nn.layers import initialized, xavier
from wmframe.nn.precision import float32_at_least
from wmframe.nn.unimix import unimix


class Output(nn.Module, ABC):
    """Built with its config and ``in_dim`` (U), ``shape`` of an event (empty for a scalar) and
    ``groups`` (the sizes of a discrete action's parts, see :class:`wmframe.types.ActionSpec`).
    """

    @abstractmethod
    def forward(self, hidden: Tensor) -> Distribution:
        """Hidden units [..., U] to a distribution batched [...]."""


class MseOutput(Output):
    """The mean of events of ``shape``, learned with the squared error."""

    def __init__(self, in_dim: int, shape: tuple[int, ...], groups: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.linear = xavier(Linear(in_dim, math.prod(shape)))
        self.shape = shape

    def forward(self, hidden: Tensor) -> Mse:
        """See :meth:`Output.forward`."""
        mean = float32_at_least(self.linear(hidden))
        return Mse(mean.reshape(*hidden.shape[:-1], *self.shape), len(self.shape))


class BinaryOutput(Output):
    """One logit, whatever the shape."""

    def __init__(
        self,
        config: BinaryConfig,
        *,
        in_dim: int,
        shape: tuple[int, ...] = (),
        groups: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.linear = initialized(Linear(in_dim, 1), config.init)

    def forward(self, hidden: Tensor) -> Binary:
        """See :meth:`Output.forward`."""
        return Binary(float32_at_least(self.linear(hidden)).squeeze(-1))


class OneHotOutput(Output):
    """Logits of classes, a softmax over each group, with a share of uniform probabilities."""

    def __init__(
        self,
        config: OneHotConfig,
        *,
        in_dim: int,
        shape: tuple[int, ...],
        groups: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.linear = initialized(Linear(in_dim, math.prod(shape)), config.init, config.scale)
        self.groups = groups
        self.unimix = config.unimix

    def forward(self, hidden: Tensor) -> OneHot:
        """See :meth:`Output.forward`."""
        logit = float32_at_least(self.linear(hidden))
        if self.unimix:
            parts = torch.split(logit, list(self.groups) or logit.shape[-1], -1)
            logit = torch.cat([unimix(part, self.unimix) for part in parts], -1)
        return OneHot(logit, self.groups)


class TruncNormalOutput(Output):
    """Truncated normals in [-1, 1]: the location is squashed by tanh, the scale lies in
    (min_std, min_std + 2) (Hafner et al. 2020, appendix D).
    """

    def __init__(
        self,
        config: TruncNormalConfig,
        *,
        in_dim: int,
        shape: tuple[int, ...],
        groups: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.linear = xavier(Linear(in_dim, math.prod(shape)))
        self.std = xavier(Linear(in_dim, math.prod(shape)))
        self.min_std = config.min_std

    def forward(self, hidden: Tensor) -> TruncNormal:
        """See :meth:`Output.forward`."""
        loc = torch.tanh(float32_at_least(self.linear(hidden)))
        scale = 2 * torch.sigmoid(float32_at_least(self.std(hidden)) / 2) + self.min_std
        return TruncNormal(loc, scale)
