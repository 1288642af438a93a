"""Cross attention from the frames that are decoded to the context (Wu et al. 2023, section 4.2).

Letters: B clips, T time, N = B T, C channels, H and W height and width, L = H W,
Y context frames of a clip, M = Y L context tokens, n tokens that a frame sees, Q queries.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.errors import UsageError
from wmframe.nn.cpu.attention import scaled_dot_product_attention
from wmframe.nn.layers import image_norm, xavier
from wmframe_contextwm.masking import TokenMask, Visible


class ContextAttention(nn.Module):
    """Adds to feature maps what they find in the context's maps of the same resolution.

    The context's keys and values are projected once for each clip, not for each of its frames.

    Args:
        channels: C, of the maps and of the context.
        positions: L.
        heads: of the attention.
        mask: decides what each frame sees.
        dropout: of the attention's weights and of its output.
        norm: of the output, see :data:`wmframe.nn.choices.IMAGE_NORMS`.

    Raises:
        UsageError: the heads do not divide the channels.
    """

    def __init__(
        self, channels: int, positions: int, heads: int, mask: TokenMask, dropout: float, norm: str
    ) -> None:
        super().__init__()
        if channels % heads:
            raise UsageError(
                f"{heads} heads do not divide {channels} channels", "change depth or heads"
            )
        self._channels = channels
        self._heads = heads
        self._dropout = dropout
        self.mask = mask
        self.q_position = nn.Parameter(torch.zeros(positions, channels))
        self.kv_position = nn.Parameter(torch.zeros(positions, channels))
        self.in_proj = xavier(nn.Linear(channels, 3 * channels))
        self.out_proj = nn.Linear(channels, channels)
        nn.init.zeros_(self.out_proj.bias)
        self.norm = image_norm(norm, channels)

    def forward(self, x_NCHW: Tensor, context: Tensor) -> Tensor:
        """Attend.

        Args:
            x_NCHW: maps of all frames, those of a clip side by side.
            context: maps [B, C, H, W], or of several frames [B, K, C, H, W].

        Raises:
            UsageError: the context has other channels than the maps.
        """
        kv_BMX = self._keys_and_values(context)
        visible = self.mask(len(x_NCHW), kv_BMX.shape[1], self.kv_position)
        if visible is None:
            return x_NCHW
        tokens_NLC = x_NCHW.flatten(2).transpose(1, 2) + self.q_position
        q_NLC = functional.linear(tokens_NLC, *self._layer(0, 1))
        found_NLC = self._attend(q_NLC, kv_BMX, visible)
        found_NLC = functional.dropout(self.out_proj(found_NLC), self._dropout, self.training)
        found_NCHW = found_NLC.view(len(x_NCHW), *x_NCHW.shape[2:], -1).movedim(-1, 1)
        return functional.relu(self.norm(found_NCHW) + x_NCHW)

    def _keys_and_values(self, context: Tensor) -> Tensor:
        """Projected tokens of the context, keys and values concatenated: [B, M, 2C]."""
        context_BYCHW = context.unsqueeze(1) if context.dim() == 4 else context
        if context_BYCHW.shape[2] != self._channels:
            raise UsageError(
                f"the context has {context_BYCHW.shape[2]} channels, the decoder {self._channels}",
                "give encoder and decoder the same depth",
            )
        tokens_BYLC = context_BYCHW.flatten(3).transpose(2, 3) + self.kv_position
        tokens_BMC = tokens_BYLC.flatten(1, 2)
        return functional.linear(tokens_BMC, *self._layer(1, 3))

    def _layer(self, start: int, stop: int) -> tuple[Tensor, Tensor]:
        """Weight and bias of the query, key and value layers from ``start`` to ``stop``."""
        rows = slice(start * self._channels, stop * self._channels)
        return self.in_proj.weight[rows], self.in_proj.bias[rows]

    def _attend(self, q_NLC: Tensor, kv_BMX: Tensor, visible: Visible) -> Tensor:
        """What each query finds among the tokens that its frame sees: [N, L, C]."""
        mask = None
        q_BQC = q_NLC
        if visible.tokens is not None:
            kv_BMX = _choose(kv_BMX, visible.tokens)
        elif visible.mask is not None:
            kv_BMX = kv_BMX.repeat_interleave(len(q_NLC) // len(kv_BMX), 0)
            mask = visible.mask[:, None, None]
        else:  # all frames of a clip see the same, so their queries can be one long row
            q_BQC = q_NLC.reshape(len(kv_BMX), -1, self._channels)
        key, value = kv_BMX.chunk(2, -1)
        dropout = self._dropout if self.training else 0.0
        parts = self._split(q_BQC), self._split(key), self._split(value)
        found = scaled_dot_product_attention(*parts, mask, dropout)
        return found.transpose(1, 2).reshape(q_NLC.shape)

    def _split(self, x: Tensor) -> Tensor:
        """[B, Q, C] to its heads, [B, heads, Q, C / heads]."""
        return x.view(*x.shape[:2], self._heads, -1).transpose(1, 2)


def _choose(x_BMX: Tensor, index_Nn: Tensor) -> Tensor:
    """Rows of each clip by the indices of each of its frames: [N, n, X]."""
    batch, tokens = x_BMX.shape[:2]
    first_N = torch.arange(batch, device=x_BMX.device).repeat_interleave(len(index_Nn) // batch)
    rows = (index_Nn + tokens * first_N.unsqueeze(1)).flatten()
    return x_BMX.flatten(0, 1).index_select(0, rows).view(*index_Nn.shape, -1)
