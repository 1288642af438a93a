"""The layer-norm GRU cell of the Dreamer family (Hafner et al. 2020, after Ba et al. 2016)."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from wmframe.nn.layers import dense_norm
from wmframe.nn.precision import float32_at_least
from wmframe.nn.recurrent import StepLinear

UPDATE_BIAS: Final = -1.0  # a fresh cell keeps most of its state


class GRUCell(nn.Module):
    """One matrix product and one norm for all gates; the reset gate scales the whole candidate.

    Args:
        in_dim: I, length of the input.
        state_dim: R, length of the state.
    """

    def __init__(self, in_dim: int, state_dim: int) -> None:
        super().__init__()
        self.linear = StepLinear(in_dim + state_dim, 3 * state_dim)
        self.norm = dense_norm("layer", 3 * state_dim)

    def forward(self, x_BI: Tensor, state_BR: Tensor) -> Tensor:
        """The next state [B, R], from an input [B, I] and the state [B, R]."""
        both = torch.cat([x_BI, state_BR.to(x_BI.dtype)], -1)
        # the state adds up over many steps, so it never becomes half precision
        raw = float32_at_least(self.norm(self.linear(both)))
        reset, candidate, update = raw.chunk(3, -1)
        candidate = torch.tanh(torch.sigmoid(reset) * candidate)  # c = tanh(r * ...)
        update = torch.sigmoid(update + UPDATE_BIAS)  # u
        return torch.lerp(state_BR, candidate, update)  # h' = u c + (1 - u) h
