"""Behaviors that need no learning of their own, and random actions.

Letters: N rows, A action, F features.
"""

from __future__ import annotations

import torch
from torch import Tensor

from wmframe.errors import UsageError
from wmframe.models.behavior import Behavior, BehaviorContext
from wmframe.nn.distributions import OneHot
from wmframe.nn.noise import Noise
from wmframe.types import ActionSpec, Mode


class Greedy(Behavior):
    """The task's own policy; what it explores with is its entropy.

    Raises:
        UsageError: it is to learn the task itself.
    """

    def __init__(self, context: BehaviorContext) -> None:
        super().__init__()
        if context.policy is None:
            hint = 'put another one there, such as "wmframe.actor_critic"'
            raise UsageError("this behavior follows the one in slot behavior", hint)
        self._policy = context.policy

    def act(self, feat_NF: Tensor, mode: Mode = "train") -> Tensor:
        """Sample the task's policy."""
        return self._policy(feat_NF)


class Random(Behavior):
    """Uniform actions."""

    def __init__(self, context: BehaviorContext) -> None:
        super().__init__()
        self._action = context.action
        self._noise = context.noise

    def act(self, feat_NF: Tensor, mode: Mode = "train") -> Tensor:
        """Draw an action for each row, whatever its features."""
        return random_action(self._action, feat_NF, self._noise)


def random_action(action: ActionSpec, like_NF: Tensor, noise: Noise) -> Tensor:
    """Uniform actions [N, A], on the device of ``like_NF``."""
    uniform_NA = noise.uniform((len(like_NF), action.size), like_NF)
    if action.discrete:  # the largest of equally distributed draws is any with the same chance
        return OneHot(uniform_NA, action.groups).mode()
    return 2 * uniform_NA - 1


def add_action_noise(action_NA: Tensor, amount: float, action: ActionSpec, noise: Noise) -> Tensor:
    """Exploration noise.

    Continuous actions get a normal of that standard deviation and are clipped; discrete ones are
    replaced by a random one with that probability.
    """
    if amount == 0:
        return action_NA
    if not action.discrete:
        return (action_NA + amount * noise.normal(action_NA.shape, action_NA)).clamp(-1, 1)
    replaced_N1 = noise.uniform((len(action_NA), 1), action_NA) < amount
    return torch.where(replaced_N1, random_action(action, action_NA, noise), action_NA)
