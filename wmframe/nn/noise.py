"""Where random draws of the networks come from: one object, so that tests can replace it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from wmframe.nn.cpu.switch import enabled

BULK: Final = 2**14
"""Words from which a generator of numpy's is faster than torch's on a CPU."""

_WHOLE: Final = {2: torch.int16, 4: torch.int32, 8: torch.int64}


class Noise:
    """Draws from torch's default generator of the device of ``like``, in its dtype.

    Drawing on the device costs no transfer, and the generator's state is all that a checkpoint has
    to keep.
    """

    def uniform(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Uniform in the open interval (0, 1)."""
        count = math.prod(shape)
        if like.dtype == torch.float32 and _in_bulk(count // 2, like.device):
            bits = _words(-(-count // 2), like.device).view(torch.int32)[:count].view(tuple(shape))
            # 23 bits, and a half: float32 holds the sum to the last of them
            return bits.bitwise_right_shift_(9).to(like.dtype).add_(2**22 + 0.5).mul_(2**-23)
        draw = torch.rand(tuple(shape), dtype=like.dtype, device=like.device)
        return draw.clamp_(min=torch.finfo(like.dtype).tiny)

    def exponential(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Exponential with rate 1."""
        return torch.empty(tuple(shape), dtype=like.dtype, device=like.device).exponential_()

    def categorical(self, shape: Sequence[int], classes: int, like: Tensor) -> Tensor:
        """What :func:`wmframe.nn.one_hot.draw_one_hot` needs for draws of this shape.

        One number a draw on a CPU, where random ones are dear, [*shape]; one a class elsewhere,
        which takes fewer kernels, [*shape, classes].
        """
        if like.device.type == "cpu" and enabled("inversion"):
            return self.uniform(shape, like)
        return self.exponential((*shape, classes), like)

    def chosen(self, shape: Sequence[int], share: float, like: Tensor) -> Tensor:
        """All bits set with probability ``share``, none else, as int16; each entry by itself.

        The share is in [0, 1], and met to within 2^-16. See :func:`keep_`.
        """
        # a draw costs the same for any width, and 15 bits of it are enough for one
        count = math.prod(shape)
        words = _words(-(-count // 4), like.device)
        bits = words.view(torch.int16)[:count].view(tuple(shape)).bitwise_right_shift_(1)
        # torch compares 16 bits eight times as slowly as it shifts them
        return bits.sub_(round(share * 2**15) - 2**14).bitwise_right_shift_(15)

    def normal(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Standard normal."""
        return torch.randn(tuple(shape), dtype=like.dtype, device=like.device)


def keep(x: Tensor, chosen: Tensor) -> Tensor:
    """``x``, with 0 for what was not :meth:`Noise.chosen`: multiplying takes eight times as long.

    Args:
        x: of any float dtype.
        chosen: of the same shape.
    """
    whole = _WHOLE[x.element_size()]
    return x.view(whole).bitwise_and(chosen.to(whole)).view(x.dtype)


def keep_(x: Tensor, chosen: Tensor) -> Tensor:
    """:func:`keep` in place."""
    whole = _WHOLE[x.element_size()]
    x.view(whole).bitwise_and_(chosen.to(whole))
    return x


def _words(count: int, device: torch.device) -> Tensor:
    """Random int64 over their whole range, [count]."""
    if not _in_bulk(count, device):
        return torch.empty(count, dtype=torch.int64, device=device).random_(-(2**63), None)
    seed = torch.empty(2, dtype=torch.int64).random_().numpy()
    return torch.from_numpy(np.random.SFC64(seed).random_raw(count).view(np.int64))


def _in_bulk(words: int, device: torch.device) -> bool:
    return device.type == "cpu" and words >= BULK and enabled("bulk_noise")
