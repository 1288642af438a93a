"""Multi-layer perceptrons, and heads that end in a distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.nn.cpu.linear import Linear
from wmframe.nn.distributions import Distribution
from wmframe.nn.layers import activation, dense_norm, initialized
from wmframe.nn.outputs import Output
from wmframe.nn.recurrent import StepMLP

Reversible = tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]

_REVERSIBLE: Final[Mapping[str, Reversible]] = {
    "elu": (
        partial(functional.elu, inplace=True),
        lambda grad, out: grad * (out.clamp(max=0) + 1),
    ),
    "relu": (functional.relu_, lambda grad, out: grad * (out > 0)),
    "tanh": (torch.tanh_, lambda grad, out: grad * (1 - out.square())),
}
"""Activations in place, and their gradients from what comes out: no input has to be kept."""


class DenseLayer(nn.Module):
    """Linear, norm, activation."""

    def __init__(
        self, in_dim: int, out_dim: int, act: str, norm: str, init: str = "xavier"
    ) -> None:
        super().__init__()
        self.linear = initialized(Linear(in_dim, out_dim), init)
        self.norm = dense_norm(norm, out_dim)
        self._act = activation(act)

    @property
    def plain(self) -> bool:
        """Whether it is a linear layer and an activation, nothing more; asked at each use."""
        own = type(self) is DenseLayer and isinstance(self.norm, nn.Identity)
        hooked = self._forward_hooks or self._forward_pre_hooks
        return own and type(self.linear) is Linear and not hooked

    def forward(self, x: Tensor) -> Tensor:
        """[..., in_dim] to [..., out_dim]."""
        return self._act(self.norm(self.linear(x)))


class MLP(nn.Module):
    """Dense layers of the given widths; ``out_dim`` is the last of them."""

    def __init__(
        self, in_dim: int, widths: Sequence[int], act: str, norm: str, init: str = "xavier"
    ) -> None:
        super().__init__()
        dims = [in_dim, *widths]
        layers = (DenseLayer(a, b, act, norm, init) for a, b in pairwise(dims))
        self.layers = nn.Sequential(*layers)
        self.out_dim = dims[-1]
        self._reversible = _REVERSIBLE.get(act)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in_dim] to [..., out_dim]."""
        out: Tensor = self.layers(x)
        return out

    def steps(self) -> Callable[[Tensor], Tensor]:
        """The same for the steps of one rollout, whose rows [B, in_dim] get no gradient."""
        layers = [layer for layer in self.layers if isinstance(layer, DenseLayer)]
        plain = len(layers) == len(self.layers) and all(layer.plain for layer in layers)
        if not layers or not plain or self._reversible is None:
            return lambda x: self(x.detach())
        return StepMLP([layer.linear for layer in layers], *self._reversible)


class Head(nn.Module):
    """Features [..., F] to a distribution.

    Args:
        trunk: the hidden layers.
        output: the last layer.
    """

    def __init__(self, trunk: MLP, output: Output) -> None:
        super().__init__()
        self.trunk = trunk
        self.output = output

    def forward(self, feat: Tensor) -> Distribution:
        """[..., F] to a distribution batched [...]."""
        dist: Distribution = self.output(self.trunk(feat))
        return dist
