"""A copy of the critic that follows it slowly (Hafner et al. 2020, section 2.2)."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from wmframe.nn.distributions import Distribution
from wmframe.nn.mlp import Head


class SlowTarget(nn.Module):
    """Moves towards the critic on the first call of :meth:`follow` and then on every ``every``-th
    one.

    Args:
        critic: what to copy.
        every: calls between moves.
        fraction: of the distance that a move covers.
        first: the same of the first one.
    """

    updates: Tensor

    def __init__(self, critic: Head, every: int, fraction: float, first: float = 1.0) -> None:
        super().__init__()
        self.net = copy.deepcopy(critic).requires_grad_(False)
        self._every = every
        self._fraction = fraction
        self._first = first
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    def forward(self, feat: Tensor) -> Distribution:
        """Features [..., F] to a distribution over values [...]."""
        dist: Distribution = self.net(feat)
        return dist

    @torch.no_grad()
    def follow(self, critic: Head) -> None:
        """Count a call and move if it is time, decided on the device: the host never waits."""
        share = torch.where(self.updates == 0, self._first, self._fraction)
        share = torch.where(self.updates % self._every == 0, share, 0.0)
        for slow, fast in zip(self.net.parameters(), critic.parameters(), strict=True):
            slow.lerp_(fast, share.to(slow.dtype))
        self.updates += 1
