"""Scaling by a running mean of the magnitude (as in Hafner et al. 2020's code)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wmframe.parallel.collectives import mean


class StreamNorm(nn.Module):
    """``y = scale * x / (mag + eps)``; ``mag`` averages ``|x|`` over calls.

    Args:
        momentum: share of the old magnitude that a call keeps; 1 freezes it.
        scale: magnitude of what comes out.
        eps: keeps the division finite.
        init: the first magnitude.
    """

    mag: Tensor

    def __init__(
        self, momentum: float = 0.99, scale: float = 1.0, eps: float = 1e-8, init: float = 1.0
    ) -> None:
        super().__init__()
        self.momentum = momentum
        self.scale = scale
        self.eps = eps
        # float64: small steps of a momentum near 1 would be lost in float32
        self.register_buffer("mag", torch.tensor(init, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        """Take ``x`` into the magnitude, then scale it by the result."""
        self.update(x)
        return self.transform(x)

    @torch.no_grad()
    def update(self, x: Tensor) -> None:
        """Move the magnitude towards the mean of ``|x|``."""
        if self.momentum < 1:
            magnitude = mean(x.abs().mean())  # over all processes
            self.mag.lerp_(magnitude.to(self.mag.dtype), 1 - self.momentum)

    def transform(self, x: Tensor) -> Tensor:
        """Scale ``x`` by the magnitude as it is; differentiable in ``x``."""
        return x * (self.scale / (self.mag + self.eps).to(x.dtype))
