"""Block-diagonal linear maps (Hafner et al. 2023).

Letters: G blocks, I and O lengths of input and output.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wmframe.nn.layers import truncated_normal_


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
        rows = x.reshape(-1, *self.weight.shape[:2])  # [N, G, I / G]
        return self.each(rows.transpose(0, 1)).transpose(0, 1).reshape(*x.shape[:-1], -1)

    def each(self, x_GNi: Tensor) -> Tensor:
        """[G, N, I / G] to [G, N, O / G]."""
        return torch.baddbmm(self.bias.view(self.blocks, 1, -1), x_GNi, self.weight)
