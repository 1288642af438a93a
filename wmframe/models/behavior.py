"""Behavior: what acts on a world model's features, and learns to.

An agent has two: one for its task, and one that explores, which may be the same.

Letters: B batch, T time, N rows, A action, F features, L horizon.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import attrs
from torch import Tensor, nn, optim

from wmframe.models.imagination import Imagined
from wmframe.models.records import Losses, Replayed
from wmframe.models.world_model import WorldModel
from wmframe.nn.noise import Noise
from wmframe.types import ActionSpec, Metrics, Mode

RewardFunction = Callable[[Imagined], Tensor]
"""Imagined states to their rewards, [L + 1, N]."""


class Behavior(nn.Module, ABC):
    """Built with its config and ``context``, a :class:`BehaviorContext`.

    It learns in one of two ways, or in both. What :meth:`losses` returns joins the model's loss:
    one backward pass over everything, so that gradients reach the model. :meth:`update` comes after
    the model's step and sees the model as it is then.

    Like a learner, it keeps its state in parameters, buffers and optimizers.
    """

    @abstractmethod
    def act(self, feat_NF: Tensor, mode: Mode = "train") -> Tensor:
        """Choose actions [N, A] for the features of the current states; in mode ``eval`` those by
        which the behavior is evaluated.
        """

    def losses(
        self,
        world_model: WorldModel,
        replayed: Replayed,
        reward: RewardFunction | None = None,
    ) -> Losses:
        """Terms to add to the model's loss; none unless overridden.

        Args:
            world_model: the agent's.
            replayed: what it inferred from the batch, with gradients.
            reward: what the behavior is to seek; None for the reward that the model predicts.
        """
        return Losses()

    def update(
        self,
        world_model: WorldModel,
        replayed: Replayed,
        reward: RewardFunction | None = None,
    ) -> Metrics:
        """Learn, or follow, after each step of the model; nothing unless overridden.

        Args:
            world_model: the agent's, whose parameters are not to be changed.
            replayed: what it inferred from the batch before its step, detached.
            reward: as of :meth:`losses`.
        """
        return {}

    def optimizers(self) -> Mapping[str, optim.Optimizer]:
        """The behavior's own optimizers by name, for checkpoints.

        Parameters that none of them steps are stepped by the agent's, with the joined losses.
        """
        return {}


@attrs.frozen
class BehaviorContext:
    """What an agent lends to its behaviors.

    Attributes:
        action: what has to be produced.
        noise: for random draws.
        discount: gamma, where the world model does not predict it.
        sizes: length by name of what ``Dynamics.readouts`` gives, ``feat`` among them, and of
            ``embed``.
        policy: the task's :meth:`Behavior.act`; None for the behavior that learns the task.
        another: makes one more behavior with the task's settings.
    """

    action: ActionSpec
    noise: Noise
    discount: float
    sizes: Mapping[str, int]
    policy: Callable[[Tensor], Tensor] | None
    another: Callable[[], Behavior]
