"""Actor and critic trained in imagination (Hafner et al. 2020, section 2.2).

Letters: L horizon, N starting states, F features, A action.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from wmframe.models.behavior import Behavior, BehaviorContext, RewardFunction
from wmframe.models.config import ActorCriticConfig
from wmframe.models.heads import make_actor, make_head
from wmframe.models.imagination import imagine
from wmframe.models.records import Replayed
from wmframe.models.returns import (
    Returns,
    actor_loss,
    actor_objective,
    compute_returns,
    critic_loss,
    imagined_discounts,
)
from wmframe.models.slow_target import SlowTarget
from wmframe.models.world_model import WorldModel
from wmframe.nn.distributions import Distribution
from wmframe.nn.modes import frozen
from wmframe.nn.precision import backward
from wmframe.nn.stream_norm import StreamNorm
from wmframe.nn.trees import tree_map
from wmframe.parallel.world import size
from wmframe.training.optimizer import Optimizer
from wmframe.types import Metrics, Mode, State


class ActorCriticLosses(NamedTuple):
    """Scalars, and the target [L, N] that the critic was given."""

    actor: Tensor
    critic: Tensor
    entropy: Tensor
    target: Tensor


class ActorCritic(Behavior):
    """A policy and its critic, stepped after the model by optimizers of their own."""

    def __init__(self, config: ActorCriticConfig, *, context: BehaviorContext) -> None:
        super().__init__()
        self.config = config
        self._discount = context.discount
        self._noise = context.noise
        self._gradient = config.gradient
        if config.gradient == "auto":
            self._gradient = "reinforce" if context.action.discrete else "dynamics"
        feat_dim = context.sizes["feat"]
        self.actor = make_actor(config.actor, feat_dim, context.action)
        self.critic = make_head(config.critic, feat_dim)
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

    def act(self, feat_NF: Tensor, mode: Mode = "train") -> Tensor:
        """Actions [N, A] for features: the policy's mode in mode ``eval``, else a sample."""
        policy: Distribution = self.actor(feat_NF)
        return policy.mode() if mode == "eval" else self.choose(policy)

    def update(
        self,
        world_model: WorldModel,
        replayed: Replayed,
        reward: RewardFunction | None = None,
    ) -> Metrics:
        """One gradient step of actor and critic; no gradient is left on the model."""
        returns = self.imagine_returns(world_model, *self.starts(world_model, replayed), reward)
        losses = self.learn_from(returns)
        backward(losses.actor + losses.critic)
        metrics = {
            "actor_loss": losses.actor.detach(),
            "critic_loss": losses.critic.detach(),
            "actor_entropy": losses.entropy.detach(),
            "actor_grad_norm": self._actor_optimizer.step(),
            "critic_grad_norm": self._critic_optimizer.step(),
            "imagined_reward": returns.reward.detach().mean(),
            "imagined_value": returns.value.detach().mean(),
        }
        if self.target is not None:
            self.target.follow(self.critic)
        return metrics

    def starts(self, world_model: WorldModel, replayed: Replayed) -> tuple[State, Tensor]:
        """The batch's states [N, ...] and whether they are terminal [N]."""
        state = world_model.dynamics.starts(replayed.state)
        is_terminal_N = replayed.data["is_terminal"].flatten()
        count = -(-self.config.starts // size())  # this process's part
        if not 0 < count < len(is_terminal_N):
            return state, is_terminal_N
        drawn_N = self._noise.uniform(is_terminal_N.shape, is_terminal_N)
        chosen = drawn_N.topk(count).indices
        return tree_map(lambda x: x[chosen], state), is_terminal_N[chosen]

    def imagine_returns(
        self,
        world_model: WorldModel,
        start: State,
        is_terminal_N: Tensor,
        reward: RewardFunction | None = None,
    ) -> Returns:
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
            found = world_model.reward(imagined.feat) if reward is None else reward(imagined)
            reward_LN = self.reward_norm(found)
            discount_LN = imagined_discounts(
                world_model, imagined.feat, is_terminal_N, self._discount
            )
            value_LN = critic(imagined.feat).mean()
        mix = self.config.discount_lambda
        return compute_returns(imagined, reward_LN, discount_LN, value_LN, mix)

    def learn_from(self, returns: Returns) -> ActorCriticLosses:
        """The actor seeks the returns and some entropy; the critic learns the returns."""
        config = self.config
        # only the output layer runs again: the rollout kept what it saw
        policy = self.actor.output(returns.imagined.hidden[:-1])
        entropy_LN = policy.entropy()
        objective_LN = actor_objective(policy, returns, self._gradient, config.gradient_mix)
        actor = actor_loss(returns, objective_LN + config.entropy_scale * entropy_LN)
        target_LN = returns.target.detach()
        if config.entropy_in_target and self._gradient == "dynamics":
            later_LN = target_LN[1:] + config.entropy_scale * entropy_LN.detach()
            target_LN = torch.cat([target_LN[:1], later_LN])
        value = self.critic(returns.imagined.feat[:-1].detach())
        critic = critic_loss(value, returns, target_LN)
        return ActorCriticLosses(actor, critic, entropy_LN.mean(), target_LN)
