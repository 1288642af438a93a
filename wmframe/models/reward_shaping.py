"""Rewards that are not the task's: what an agent adds to those of a batch before heads learn them.

Letters: B batch, T time, t steps that get a reward, F features.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from wmframe.types import Metrics


class RewardShaping(nn.Module, ABC):
    """Adds to rewards."""

    @abstractmethod
    def forward(self, feat_BTF: Tensor, reward_BT: Tensor) -> tuple[Tensor, Metrics]:
        """The shaped rewards of the first t steps [B, t], and metrics."""
