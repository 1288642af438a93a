"""The block-diagonal GRU of Hafner et al. 2023 (RSSM._core of the authors' code).

Letters: B batch, R recurrent state, Z flat stochastic state, A action, U hidden units, G blocks.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.nn.blocks import BlockLinear
from wmframe.nn.mlp import DenseLayer
from wmframe.nn.rms_norm import RMSNorm

UPDATE_BIAS: Final = -1.0
"""A fresh cell keeps most of its state."""


class BlockGRU(nn.Module):
    """``h' = u tanh(r c) + (1 - u) h`` with gates from one hidden block layer.

    Args:
        deter: R.
        stoch_dim: Z.
        action_dim: A.
        hidden: U.
        blocks: G, which divides R.
    """

    def __init__(
        self, deter: int, stoch_dim: int, action_dim: int, hidden: int, blocks: int
    ) -> None:
        super().__init__()
        self.blocks = blocks
        self.from_deter = _layer(deter, hidden)
        self.from_stoch = _layer(stoch_dim, hidden)
        self.from_action = _layer(action_dim, hidden)
        self.hidden = BlockLinear(deter + 3 * hidden * blocks, deter, blocks)
        self.norm = RMSNorm(deter)  # over the whole state, not block by block
        self.gates = BlockLinear(deter, 3 * deter, blocks)

    def forward(self, deter_BR: Tensor, stoch_BZ: Tensor, action_BA: Tensor) -> Tensor:
        """The next recurrent state [B, R]."""
        action_BA = action_BA / action_BA.detach().abs().clamp(min=1)
        x_BX = torch.cat(
            [self.from_deter(deter_BR), self.from_stoch(stoch_BZ), self.from_action(action_BA)], -1
        )
        shared_BGX = x_BX.unsqueeze(-2).expand(-1, self.blocks, -1)
        h_BGr = deter_BR.reshape(len(deter_BR), self.blocks, -1)
        x_BR = self.hidden(torch.cat([h_BGr, shared_BGX], -1).flatten(-2))
        gates_BR = self.gates(functional.silu(self.norm(x_BR)))
        # each block's outputs are cut in thirds: reset, candidate, update
        reset, candidate, update = gates_BR.reshape(*h_BGr.shape[:2], -1).chunk(3, -1)
        candidate = torch.tanh(torch.sigmoid(reset) * candidate).flatten(-2)
        update = torch.sigmoid(update + UPDATE_BIAS).flatten(-2)
        return torch.lerp(deter_BR, candidate, update)


def _layer(in_dim: int, out_dim: int) -> DenseLayer:
    return DenseLayer(in_dim, out_dim, "silu", "rms", "lecun")
