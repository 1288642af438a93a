"""Hiding a random part of the context from each frame (Wu et al. 2023, section 4.2).

A decoder that saw the whole context could copy it; one that sees a part must use the latent state.

Letters: N frames, M context tokens.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from wmframe.nn.noise import Noise


class Visible(NamedTuple):
    """What of the context the frames see: either ``tokens`` or ``mask``, or all if both are None.

    ``tokens`` are the indices [N, n] of what is seen; ``mask`` [N, M] is True there.
    """

    tokens: Tensor | None = None
    mask: Tensor | None = None


class TokenMask(nn.Module):
    """Draws which tokens each frame sees, every frame its own.

    Args:
        share: of the tokens that is hidden.
        warmup: calls in training in which the hidden share falls from 1 to ``share``; 0 for none.
        in_eval: whether anything is hidden in evaluation.
        noise: where draws come from.
    """

    calls: Tensor

    def __init__(self, share: float, warmup: int, in_eval: bool, noise: Noise) -> None:
        super().__init__()
        self._share = share
        self._warmup = warmup
        self._in_eval = in_eval
        self.noise = noise
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

    def forward(self, frames: int, tokens: int, like: Tensor) -> Visible | None:
        """What each of N ``frames`` sees of M ``tokens``; None if that is nothing."""
        if self.training and self._warmup:
            self.calls += 1
            return Visible(mask=self._mask(frames, tokens, like))
        share = self._share if self.training or self._in_eval else 0.0
        kept = int(tokens * (1 - share))
        if kept == tokens:
            return Visible()
        if kept == 0:
            return None
        draw_NM = self.noise.uniform((frames, tokens), like)
        return Visible(tokens=draw_NM.topk(kept, dim=1, largest=False, sorted=False).indices)

    def share(self) -> Tensor:
        """The share that is hidden in training after the calls so far, a scalar on the device."""
        done = (self.calls / self._warmup).clamp(max=1) if self._warmup else self.calls.new_ones(())
        return (1 - self._share) * (1 - done) + self._share

    def _mask(self, frames: int, tokens: int, like: Tensor) -> Tensor:
        # How many are kept is known on the device alone, so shapes cannot depend on it. One token
        # is always kept, so that positions and projections learn from the first step on.
        kept = (tokens * (1 - self.share())).long().clamp(min=1)
        ranks_NM = self.noise.uniform((frames, tokens), like).argsort(1).argsort(1)
        return ranks_NM < kept
