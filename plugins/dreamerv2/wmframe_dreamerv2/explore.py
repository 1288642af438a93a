"""Behaviors that need no learning of their own, and what the agent lends to every behavior."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import torch
from torch import Tensor

from wmframe.interfaces.models import Behavior, Policy
from wmframe.models.actor_critic import ActorCritic
from wmframe.nn.distributions import OneHot
from wmframe.nn.noise import Noise
from wmframe.types import ActionSpec


@attrs.frozen
class Surroundings:
    """What a DreamerV2 agent lends to its explorer.

    Attributes:
        action: what has to be produced.
        noise: for random draws.
        policy: the task's policy, sampled.
        actor_critic: makes another actor and critic, with the agent's settings.
        sizes: length by name of what ``Dynamics.readouts`` gives, and of ``embed``.
    """

    action: ActionSpec
    noise: Noise
    policy: Policy
    actor_critic: Callable[[], ActorCritic]
    sizes: Mapping[str, int]


class Greedy(Behavior):
    """The task's own policy; what it explores with is its entropy."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._policy = surroundings.policy

    def act(self, feat_NF: Tensor) -> Tensor:
        """Sample the task's policy."""
        return self._policy(feat_NF)


class Random(Behavior):
    """Uniform actions."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings

    def act(self, feat_NF: Tensor) -> Tensor:
        """Draw an action for each row, whatever its features."""
        return random_action(self._surroundings.action, feat_NF, self._surroundings.noise)


def random_action(action: ActionSpec, like_NF: Tensor, noise: Noise) -> Tensor:
    """Uniform actions [N, A], on the device of ``like_NF``."""
    uniform_NA = noise.uniform((len(like_NF), action.size), like_NF)
    if action.discrete:  # the largest of equally distributed draws is any with the same chance
        return OneHot(uniform_NA, action.groups).mode()
    return 2 * uniform_NA - 1


def disturb(action_NA: Tensor, amount: float, action: ActionSpec, noise: Noise) -> Tensor:
    """Exploration noise (as DreamerV2's ``expl_noise`` and ``eval_noise``).

    Continuous actions get a normal of that standard deviation and are clipped; discrete ones are
    replaced by a random one with that probability.
    """
    if amount == 0:
        return action_NA
    if not action.discrete:
        return (action_NA + amount * noise.normal(action_NA.shape, action_NA)).clamp(-1, 1)
    replaced_N1 = noise.uniform((len(action_NA), 1), action_NA) < amount
    return torch.where(replaced_N1, random_action(action, action_NA, noise), action_NA)
