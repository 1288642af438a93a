"""Layers of DreamerV3's networks (Hafner et al. 2023): RMSNorm, block-diagonal maps, their init.

Letters: G blocks, I and O lengths of input and output.
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn

RMS_EPS: Final = 1e-4
CUT: Final = 1.1368
"""A normal cut at two deviations is this much narrower; dividing by it undoes that."""


class RMSNorm(nn.Module):
    """``x (mean(x^2) + eps)^(-1/2) weight`` over the last dimension, in float32; no offset."""

    def __init__(self, size: int, eps: float = RMS_EPS) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """[..., size], in the dtype of ``x``."""
        wide = x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
        scaled = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return (scaled * self.weight).to(x.dtype)


class ImageRMSNorm(RMSNorm):
    """:class:`RMSNorm` over the channels of maps [N, C, H, W], pixel by pixel."""

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W]."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class BlockLinear(nn.Module):
    """G independent linear maps side by side: [..., I] to [..., O], one bias over all.

    Args:
        in_dim: I; each block sees I / G entries.
        out_dim: O; each block gives O / G.
        blocks: G, which divides both.
    """

    def __init__(self, in_dim: int, out_dim: int, blocks: int) -> None:
        super().__init__()
        self.blocks = blocks
        self.weight = nn.Parameter(torch.empty(blocks, in_dim // blocks, out_dim // blocks))
        self.bias = nn.Parameter(torch.zeros(out_dim))
        truncated_normal_(self.weight, in_dim)  # the fan-in of the whole input, not of one block

    def forward(self, x: Tensor) -> Tensor:
        """[..., I] to [..., O]."""
        parts = x.unflatten(-1, (self.blocks, -1))  # [..., G, I / G]
        rows = parts.flatten(0, -3).transpose(0, 1)  # [G, N, I / G]
        out = torch.bmm(rows, self.weight).transpose(0, 1)  # [N, G, O / G]
        return out.flatten(-2).unflatten(0, x.shape[:-1]) + self.bias


def truncated_normal_(weight: Tensor, fan_in: int, scale: float = 1.0) -> None:
    """Normal of deviation ``scale / sqrt(fan_in)``, cut at two deviations."""
    std = CUT * scale / math.sqrt(fan_in)
    if std:
        nn.init.trunc_normal_(weight, 0.0, std, -2 * std, 2 * std)
    else:
        nn.init.zeros_(weight)


def linear(in_dim: int, out_dim: int, scale: float = 1.0) -> nn.Linear:
    """A linear layer with DreamerV3's initial weights; its bias is 0."""
    layer = nn.Linear(in_dim, out_dim)
    truncated_normal_(layer.weight, in_dim, scale)
    nn.init.zeros_(layer.bias)
    return layer


def conv(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    """A convolution of stride 1 that keeps the size, with DreamerV3's initial weights."""
    layer = nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)
    truncated_normal_(layer.weight, kernel**2 * in_channels)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
