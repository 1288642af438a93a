"""Where random draws of the networks come from: one object, so that tests can replace it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from wmframe.nn.one_hot import draw_one_hot


class Noise:
    """Draws from torch's default generator of the device of ``like``, in its dtype.

    Drawing on the device costs no transfer, and the generator's state is all that a checkpoint has
    to keep.
    """

    def uniform(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Uniform in the open interval (0, 1)."""
        draw = torch.rand(tuple(shape), dtype=like.dtype, device=like.device)
        return draw.clamp_(min=torch.finfo(like.dtype).tiny)

    def one_hot(self, probs: Tensor) -> Tensor:
        """One-hot vectors [..., D] of classes with probabilities ``probs`` [..., D]."""
        return draw_one_hot(probs, self.uniform(probs.shape[:-1], probs))

    def normal(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Standard normal."""
        return torch.randn(tuple(shape), dtype=like.dtype, device=like.device)
