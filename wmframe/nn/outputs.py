"""Last layers: hidden units to the parameters of a distribution."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from wmframe.errors import UsageError
from wmframe.nn.choices import DISTRIBUTIONS
from wmframe.nn.cpu.linear import Linear
from wmframe.nn.distributions import Binary, Mse, OneHot, TruncNormal
from wmframe.nn.layers import xavier
from wmframe.nn.precision import float32_at_least


class MseOutput(nn.Module):
    """Hidden units [..., in_dim] to the mean of events of ``shape``."""

    def __init__(self, in_dim: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.linear = xavier(Linear(in_dim, math.prod(shape)))
        self.shape = shape

    def forward(self, x: Tensor) -> Mse:
        """[..., in_dim] to a distribution batched [...]."""
        mean = float32_at_least(self.linear(x))
        return Mse(mean.reshape(*x.shape[:-1], *self.shape), len(self.shape))


class BinaryOutput(nn.Module):
    """Hidden units [..., in_dim] to one logit."""

    def __init__(self, in_dim: int) -> None:
        super().__init__()
        self.linear = xavier(Linear(in_dim, 1))

    def forward(self, x: Tensor) -> Binary:
        """[..., in_dim] to a distribution batched [...]."""
        return Binary(float32_at_least(self.linear(x)).squeeze(-1))


class OneHotOutput(nn.Module):
    """Hidden units [..., in_dim] to logits of ``size`` classes, in ``groups``."""

    def __init__(self, in_dim: int, size: int, groups: tuple[int, ...]) -> None:
        super().__init__()
        self.linear = xavier(Linear(in_dim, size))
        self.groups = groups

    def forward(self, x: Tensor) -> OneHot:
        """[..., in_dim] to a distribution batched [...]."""
        return OneHot(float32_at_least(self.linear(x)), self.groups)


class TruncNormalOutput(nn.Module):
    """Hidden units [..., in_dim] to ``size`` truncated normals.

    The location is squashed by tanh, the scale lies in (min_std, min_std + 2).
    """

    def __init__(self, in_dim: int, size: int, min_std: float) -> None:
        super().__init__()
        self.linear = xavier(Linear(in_dim, size))
        self.std = xavier(Linear(in_dim, size))
        self.min_std = min_std

    def forward(self, x: Tensor) -> TruncNormal:
        """[..., in_dim] to a distribution batched [...]."""
        loc = torch.tanh(float32_at_least(self.linear(x)))
        scale = 2 * torch.sigmoid(float32_at_least(self.std(x)) / 2) + self.min_std
        return TruncNormal(loc, scale)


def make_output(
    dist: str, in_dim: int, shape: tuple[int, ...], *, min_std: float, groups: tuple[int, ...]
) -> nn.Module:
    """The last layer for a distribution by name; see :class:`wmframe.nn.mlp.Head`.

    Raises:
        UsageError: no such distribution.
    """
    match dist:
        case "mse":
            return MseOutput(in_dim, shape)
        case "binary":
            return BinaryOutput(in_dim)
        case "onehot":
            return OneHotOutput(in_dim, math.prod(shape), groups)
        case "trunc_normal":
            return TruncNormalOutput(in_dim, math.prod(shape), min_std)
    raise UsageError(f"unknown distribution {dist!r}", f"one of: {', '.join(DISTRIBUTIONS)}")
