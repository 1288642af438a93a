"""Rewards that are not the task's: what an agent adds to those of a batch before heads learn them.

Letters: B batch, T time, t steps that get a reward.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import Tensor, nn

from wmframe.interfaces.models import Dynamics
from wmframe.models.records import Replayed
from wmframe.types import Metrics


class Shaped(NamedTuple):
    """New rewards [B, t] of the first ``steps`` (t) steps of each clip, and metrics.

    Where t is less than T the last steps have no reward, and nothing learns from them.
    """

    reward: Tensor
    steps: int
    metrics: Metrics


class RewardShaping(nn.Module, ABC):
    """Changes rewards. Built with its config and ``dynamics``, for its sizes alone.

    The data keep the rewards as they were under ``task_reward``.
    """

    @abstractmethod
    def forward(self, replayed: Replayed, dynamics: Dynamics) -> Shaped:
        """The rewards to learn from.

        Args:
            replayed: the batch, whose ``data["reward"]`` is the task's, without gradients.
            dynamics: what inferred its states.
        """
