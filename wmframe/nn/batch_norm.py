"""Batch norm whose batch is that of all processes (Ioffe and Szegedy 2015, algorithm 1).

torch's ``SyncBatchNorm`` runs on GPUs only, and makes other modules out of those it replaces.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wmframe.parallel.collectives import mean
from wmframe.parallel.world import size


class BatchNorm2d(nn.BatchNorm2d):
    """torch's with its defaults, and the same to rounding where W processes share a batch evenly.

    Args:
        channels: C.
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor
    momentum: float

    def __init__(self, channels: int) -> None:
        super().__init__(channels)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """[N, C, H, W] to the same shape."""
        if self.training and size() > 1:
            return self._normalize(x_NCHW)
        return super().forward(x_NCHW)

    def _normalize(self, x_NCHW: Tensor) -> Tensor:
        mean_C, var_C = self._moments(x_NCHW)
        self._follow(mean_C, var_C, size() * x_NCHW[:, 0].numel())
        scale_C = self.weight * (var_C + self.eps).rsqrt()
        shift_C = self.bias - mean_C * scale_C
        out_NCHW = x_NCHW * scale_C.view(-1, 1, 1) + shift_C.view(-1, 1, 1)
        return out_NCHW.to(x_NCHW.dtype)  # as torch's gives it under autocast

    def _moments(self, x_NCHW: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance of each channel over all processes, by one transfer.

        Second moments are taken around the running mean, near which little is lost by rounding.
        """
        wide = torch.promote_types(x_NCHW.dtype, torch.float32)
        var_C, mean_C = torch.var_mean(x_NCHW.to(wide), (0, 2, 3), correction=0)
        away_C = mean_C - self.running_mean
        away_C, square_C = mean(torch.stack([away_C, var_C + away_C.square()]))
        return away_C + self.running_mean, square_C - away_C.square()

    @torch.no_grad()
    def _follow(self, mean_C: Tensor, var_C: Tensor, count: int) -> None:
        """Move the running statistics as torch does, with the unbiased variance of ``count``."""
        self.running_mean.lerp_(mean_C.to(self.running_mean.dtype), self.momentum)
        unbiased_C = var_C * (count / (count - 1))
        self.running_var.lerp_(unbiased_C.to(self.running_var.dtype), self.momentum)
        self.num_batches_tracked += 1
