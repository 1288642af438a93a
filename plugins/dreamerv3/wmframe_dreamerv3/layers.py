"""The hidden layer that all networks of DreamerV3 are made of: linear, RMSNorm, SiLU."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from wmframe.nn.blocks import RMSNorm, linear


class Layer(nn.Module):
    """``silu(norm(W x + b))``."""

    def __init__(self, in_dim: int, out_dim: int) -> None:
        super().__init__()
        self.linear = linear(in_dim, out_dim)
        self.norm = RMSNorm(out_dim)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in_dim] to [..., out_dim]."""
        return functional.silu(self.norm(self.linear(x)))


def mlp(in_dim: int, units: int, layers: int) -> nn.Sequential:
    """Hidden layers of one width."""
    dims = [in_dim, *[units] * layers]
    return nn.Sequential(*(Layer(a, b) for a, b in pairwise(dims)))
