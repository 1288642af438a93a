"""The layer-norm GRU cell of the Dreamer family (Hafner et al. 2020, after Ba et al. 2016)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn

from wmframe.nn.layers import dense_norm, full_precision
from wmframe.nn.linear import Linear
from wmframe.nn.steps import StepLinear

UPDATE_BIAS: Final = -1.0  # a fresh cell keeps most of its state


class GRUCell(nn.Module):
    """One matrix product and one norm for all gates; the reset gate scales the whole candidate.

    Args:
        in_dim: X, length of the input.
        state_dim: D, length of the state.
    """

    def __init__(self, in_dim: int, state_dim: int) -> None:
        super().__init__()
        self.linear = Linear(in_dim + state_dim, 3 * state_dim)
        self.norm = dense_norm("layer", 3 * state_dim)

    def gates(self) -> StepLinear:
        """The layer of all gates, for the steps of a clip."""
        return StepLinear(self.linear.weight, self.linear.bias)

    def forward(self, x_BX: Tensor, state_BD: Tensor) -> Tensor:
        """The next state [B, D], from an input [B, X] and the state [B, D]."""
        return self.step(self.linear, x_BX, state_BD)

    def step(self, gates: Callable[[Tensor], Tensor], x_BX: Tensor, state_BD: Tensor) -> Tensor:
        """The same, with what :meth:`gates` gave for the clip."""
        # the state adds up over many steps, so it never becomes half precision
        both = torch.cat([x_BX, state_BD.to(x_BX.dtype)], -1)
        raw = full_precision(self.norm(gates(both)))
        reset, candidate, update = raw.chunk(3, -1)
        candidate = torch.tanh(torch.sigmoid(reset) * candidate)
        update = torch.sigmoid(update + UPDATE_BIAS)
        return torch.lerp(state_BD, candidate, update)
