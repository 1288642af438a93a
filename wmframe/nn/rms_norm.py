"""Norms by the root mean square (Zhang and Sennrich 2019), as Hafner et al. 2023 have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

from wmframe.nn.precision import float32_at_least

RMS_EPS: Final = 1e-4


class RMSNorm(nn.Module):
    """``x (mean(x^2) + eps)^(-1/2) weight`` over the last dimensions, in float32; no offset."""

    def __init__(self, shape: int | Sequence[int], eps: float = RMS_EPS) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """[..., *shape], in the dtype of ``x``."""
        dims = tuple(range(-self.weight.dim(), 0))
        wide = float32_at_least(x)
        scaled = wide * torch.rsqrt(wide.square().mean(dims, keepdim=True) + self.eps)
        return (scaled * self.weight).to(x.dtype)


class ImageRMSNorm(RMSNorm):
    """:class:`RMSNorm` over the channels of maps [N, C, H, W], pixel by pixel."""

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W]."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
