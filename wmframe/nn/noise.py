"""Where random draws of the networks come from: one object, so that tests can replace it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


class Noise:
    """Draws from torch's default generator of the device of ``like``, in its dtype.

    Drawing on the device costs no transfer, and the generator's state is all that a checkpoint has
    to keep.
    """

    def uniform(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Uniform in the open interval (0, 1)."""
        draw = torch.rand(tuple(shape), dtype=like.dtype, device=like.device)
        return draw.clamp_(min=torch.finfo(like.dtype).tiny)

    def exponential(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Exponential with rate 1: the argmax of ``p / exponential`` is a draw from ``p``."""
        if like.device.type != "cpu":
            return torch.empty(tuple(shape), dtype=like.dtype, device=like.device).exponential_()
        return self.uniform(shape, like).log_().neg_()  # on the CPU five times as fast

    def chosen(self, shape: Sequence[int], share: float, like: Tensor) -> Tensor:
        """True with probability ``share``, in [0, 1) and met to within 2^-17, each by itself."""
        # a draw costs the same for any width, and 16 bits of it are enough for one
        words = torch.empty(-(-math.prod(shape) // 4), dtype=torch.int64, device=like.device)
        words.random_(-(2**63), None)
        bits = words.view(torch.int16)[: math.prod(shape)].view(tuple(shape))
        return bits < round(share * 2**16) - 2**15

    def normal(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Standard normal."""
        return torch.randn(tuple(shape), dtype=like.dtype, device=like.device)
