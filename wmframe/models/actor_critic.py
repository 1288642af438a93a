"""Actor and critic learnt in imagination (Hafner et al. 2020, section 2.2, equations 4 to 6).

Letters: H horizon, N starting states, F features, A action.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from wmframe.models.config import ActorConfig, BehaviorConfig, HeadConfig
from wmframe.models.imagination import Imagined, imagine
from wmframe.models.slow_target import SlowTarget
from wmframe.models.world_model import Replayed, WorldModel
from wmframe.nn.distributions import Distribution
from wmframe.nn.mlp import Head
from wmframe.nn.modes import frozen
from wmframe.nn.noise import Noise
from wmframe.nn.precision import backward
from wmframe.nn.returns import lambda_return
from wmframe.nn.stream_norm import StreamNorm
from wmframe.parallel.world import size
from wmframe.training.optimizer import Optimizer
from wmframe.training.tree import tree_map
from wmframe.types import ActionSpec, Metrics, State

RewardFunction = Callable[[Imagined], Tensor]
"""Imagined states to their rewards, [H + 1, N]."""


class Judged(NamedTuple):
    """Imagined states with what they are worth."""

    imagined: Imagined
    reward: Tensor  # [H + 1, N]
    discount: Tensor  # [H + 1, N]
    value: Tensor  # [H + 1, N], by the slow critic
    weight: Tensor  # [H + 1, N], probability that the episode has come so far
    target: Tensor  # [H, N], lambda returns


class BehaviorLosses(NamedTuple):
    """Scalars, and the target [H, N] that the critic was given."""

    actor: Tensor
    critic: Tensor
    entropy: Tensor
    target: Tensor


class ActorCritic(nn.Module):
    """A policy and its critic.

    Args:
        config: horizon, gradients, networks, optimizers.
        feat_dim: F.
        action: what the policy has to produce.
        discount: gamma, where the world model does not predict it.
        noise: for sampling.
    """

    def __init__(
        self,
        config: BehaviorConfig,
        *,
        feat_dim: int,
        action: ActionSpec,
        discount: float,
        noise: Noise,
    ) -> None:
        super().__init__()
        self.config = config
        self._discount = discount
        self._noise = noise
        self._gradient = config.gradient
        if config.gradient == "auto":
            self._gradient = "reinforce" if action.discrete else "dynamics"
        self.actor = make_actor(config.actor, feat_dim, action)
        self.critic = make_head(config.critic, feat_dim, "mse")
        target = config.target
        self.target = (
            SlowTarget(self.critic, target.every, target.fraction) if target.slow else None
        )
        norm = config.reward_norm
        self.reward_norm = StreamNorm(norm.momentum, norm.scale, norm.eps, norm.init)
        self._actor_optimizer = Optimizer(self.actor.parameters(), config.actor_optimizer)
        self._critic_optimizer = Optimizer(self.critic.parameters(), config.critic_optimizer)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The two optimizers by name."""
        return {"actor": self._actor_optimizer.torch, "critic": self._critic_optimizer.torch}

    def choose(self, policy: Distribution) -> Tensor:
        """Take an action [N, A] from the policy's distribution."""
        return policy.sample(self._noise)

    def act(self, feat_NF: Tensor) -> Tensor:
        """Choose actions [N, A], sampled, for features."""
        return self.choose(self.actor(feat_NF))

    def update(
        self, world_model: WorldModel, replayed: Replayed, reward: RewardFunction
    ) -> Metrics:
        """One gradient step of actor and critic, imagining from the states of a batch.

        Args:
            world_model: imagines; no gradient is left on it.
            replayed: what it inferred from the batch.
            reward: what the actor is to seek.
        """
        judged = self.judge(world_model, *self.starts(replayed), reward)
        losses = self.losses(judged)
        backward(losses.actor + losses.critic)
        metrics = {
            "actor_loss": losses.actor.detach(),
            "critic_loss": losses.critic.detach(),
            "actor_entropy": losses.entropy.detach(),
            "actor_grad_norm": self._actor_optimizer.step(),
            "critic_grad_norm": self._critic_optimizer.step(),
            "imagined_reward": judged.reward.detach().mean(),
            "imagined_value": judged.value.detach().mean(),
        }
        if self.target is not None:
            self.target.follow(self.critic)
        return metrics

    def starts(self, replayed: Replayed) -> tuple[State, Tensor]:
        """The batch's states [N, ...] and whether they are terminal [N]."""
        state = tree_map(lambda x: x.flatten(0, 1), replayed.state)
        is_terminal_N = replayed.data["is_terminal"].flatten()
        count = -(-self.config.starts // size())  # this process's part
        if not 0 < count < len(is_terminal_N):
            return state, is_terminal_N
        drawn_N = self._noise.uniform(is_terminal_N.shape, is_terminal_N)
        chosen = drawn_N.topk(count).indices
        return tree_map(lambda x: x[chosen], state), is_terminal_N[chosen]

    def judge(
        self,
        world_model: WorldModel,
        start: State,
        is_terminal_N: Tensor,
        reward: RewardFunction,
    ) -> Judged:
        """Imagine from ``start``, each tensor [N, ...], and compute lambda returns."""
        critic = self.critic if self.target is None else self.target
        with frozen(world_model.dynamics, world_model.heads, critic):
            imagined = imagine(
                world_model.dynamics,
                self.actor,
                self.choose,
                start,
                self.config.horizon,
                differentiable=self._gradient != "reinforce",
            )
            reward_HN = self.reward_norm(reward(imagined))
            discount_HN = self._discounts(world_model, imagined.feat, is_terminal_N)
            value_HN = critic(imagined.feat).mode()
        weight_HN = torch.cat([torch.ones_like(discount_HN[:1]), discount_HN[:-1]]).cumprod(0)
        target_HN = lambda_return(
            reward_HN[:-1],
            value_HN[:-1],
            discount_HN[:-1],
            value_HN[-1],
            self.config.discount_lambda,
        )
        return Judged(imagined, reward_HN, discount_HN, value_HN, weight_HN.detach(), target_HN)

    def losses(self, judged: Judged) -> BehaviorLosses:
        """The actor seeks the returns and some entropy; the critic learns the returns."""
        scale = self.config.entropy_scale
        # only the output layer runs again: the rollout kept what it saw
        policy = self.actor.output(judged.imagined.hidden[:-1])
        entropy_HN = policy.entropy()
        objective_HN = self._objective(policy, judged) + scale * entropy_HN
        actor = -(judged.weight[:-2] * objective_HN).mean()
        target_HN = judged.target.detach()
        if self.config.entropy_in_target and self._gradient == "dynamics":
            later_HN = target_HN[1:] + scale * entropy_HN.detach()
            target_HN = torch.cat([target_HN[:1], later_HN])
        value = self.critic(judged.imagined.feat[:-1].detach())
        critic = -(judged.weight[:-1] * value.log_prob(target_HN)).mean()
        return BehaviorLosses(actor, critic, entropy_HN.mean(), target_HN)

    def _objective(self, policy: Distribution, judged: Judged) -> Tensor:
        """What the actor maximizes at its first H - 1 choices, [H - 1, N]."""
        dynamics = judged.target[1:]
        if self._gradient == "dynamics":
            return dynamics
        advantage = (dynamics - judged.value[:-2]).detach()
        reinforce = policy.log_prob(judged.imagined.action[1:-1].detach()) * advantage
        if self._gradient == "reinforce":
            return reinforce
        return torch.lerp(reinforce, dynamics, self.config.gradient_mix)

    def _discounts(self, world_model: WorldModel, feat: Tensor, is_terminal_N: Tensor) -> Tensor:
        """[H + 1, N]; whether the start was terminal is known, not predicted."""
        predicted_HN = world_model.discount(feat)
        if predicted_HN is None:
            return is_terminal_N.new_full(feat.shape[:-1], self._discount)
        first_N = self._discount * (1 - is_terminal_N)
        return torch.cat([first_N[None], predicted_HN[1:]])


def make_head(config: HeadConfig, feat_dim: int, dist: str) -> Head:
    """A head with one number as its event."""
    return Head(feat_dim, (), config.layers, config.units, config.act, config.norm, dist)


def make_actor(config: ActorConfig, feat_dim: int, action: ActionSpec) -> Head:
    """A truncated normal over continuous actions, one-hot vectors over discrete ones."""
    return Head(
        feat_dim,
        (action.size,),
        config.layers,
        config.units,
        config.act,
        config.norm,
        "onehot" if action.discrete else "trunc_normal",
        min_std=config.min_std,
        groups=action.groups,
    )
