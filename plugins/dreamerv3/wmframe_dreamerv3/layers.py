"""The layers that all networks of DreamerV3 are made of."""

from __future__ import annotations

from torch import nn

from wmframe.nn.cpu.linear import Linear
from wmframe.nn.layers import lecun
from wmframe.nn.mlp import MLP


def mlp(in_dim: int, units: int, layers: int = 1) -> MLP:
    """Hidden layers ``silu(norm(W x + b))`` of one width."""
    return MLP(in_dim, (units,) * layers, "silu", "rms", "lecun")


def linear(in_dim: int, out_dim: int) -> nn.Linear:
    """A layer with neither norm nor activation."""
    return lecun(Linear(in_dim, out_dim))
