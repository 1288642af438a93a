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
from wmframe.nn.precision import float32_at_least
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
        h_GBr = self._split(deter_BR)
        y_BR = functional.silu(self.norm(self._hidden(h_GBr, x_BX)))
        # the state adds up over many steps, so it never becomes half precision
        gates = float32_at_least(self.gates.each(self._split(y_BR)))
        # each block's outputs are cut in thirds
        reset, candidate, update = gates.chunk(3, -1)
        candidate = torch.tanh(torch.sigmoid(reset) * candidate)
        update = torch.sigmoid(update + UPDATE_BIAS)
        return _join(torch.lerp(h_GBr, candidate, update))

    def _hidden(self, h_GBr: Tensor, x_BX: Tensor) -> Tensor:
        """The layer on each block of the state and on all of ``x``, which is not copied for it."""
        own, shared = torch.split(self.hidden.weight, [h_GBr.shape[-1], x_BX.shape[-1]], 1)
        from_h_BR = _join(torch.bmm(h_GBr, own))
        from_x_BR = x_BX @ shared.transpose(0, 1).flatten(1)
        out_BR: Tensor = from_h_BR + from_x_BR + self.hidden.bias
        return out_BR

    def _split(self, x_BR: Tensor) -> Tensor:
        return x_BR.reshape(len(x_BR), self.blocks, -1).transpose(0, 1)


def _join(x_GBr: Tensor) -> Tensor:
    return x_GBr.transpose(0, 1).flatten(1)


def _layer(in_dim: int, out_dim: int) -> DenseLayer:
    return DenseLayer(in_dim, out_dim, "silu", "rms", "lecun")
