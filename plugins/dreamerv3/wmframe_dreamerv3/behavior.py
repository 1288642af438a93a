"""Actor and critic that learn with the model, by one loss (Hafner et al. 2023, section 3.2).

Letters: B batch, T time, L horizon, N = B T starting states, F features, A action.
"""

from __future__ import annotations

from typing import Any

import attrs
import torch
from torch import Tensor

from wmframe.config import default_part
from wmframe.models.behavior import Behavior, BehaviorContext, RewardFunction
from wmframe.models.heads import make_actor, make_head
from wmframe.models.imagination import imagine
from wmframe.models.records import Losses, Replayed
from wmframe.models.slow_target import SlowTarget
from wmframe.models.world_model import WorldModel
from wmframe.nn.distributions import Distribution
from wmframe.nn.mlp import Head
from wmframe.nn.percentiles import Percentiles
from wmframe.nn.trees import tree_map
from wmframe.types import ActionSpec, Metrics, Mode
from wmframe_dreamerv3.config import V3ActorConfig, V3BehaviorConfig
from wmframe_dreamerv3.losses import Dreamed, dreamed_losses, replay_returns, value_loss
from wmframe_dreamerv3.sizes import with_size


class V3Behavior(Behavior):
    """Joins three terms to the model's loss: ``policy``, ``value`` and ``replay_value``.

    Gradients of the first two end at actor and critic; those of the last reach the model.
    """

    def __init__(self, config: V3BehaviorConfig, *, context: BehaviorContext) -> None:
        super().__init__()
        config = with_size(config)
        self.config = config
        self._discount = context.discount
        self._noise = context.noise
        self._discrete = context.action.discrete
        feat_dim = context.sizes["feat"]
        self.actor = policy_of(config.actor, feat_dim, context.action)
        self.critic = make_head(config.critic, feat_dim)
        share = config.slow_fraction
        self.slow = SlowTarget(self.critic, every=1, fraction=share, first=share)
        self.scale = Percentiles(
            config.return_rate, config.return_low, config.return_high, config.return_least
        )

    def act(self, feat_NF: Tensor, mode: Mode = "train") -> Tensor:
        """Actions [N, A] for features, within [-1, 1] where they are continuous."""
        policy: Distribution = self.actor(feat_NF)
        sample = mode != "eval" or self.config.actor.eval_sample
        action_NA = self._choose(policy) if sample else policy.mode()
        return action_NA if self._discrete else action_NA.clamp(-1, 1)

    def losses(
        self,
        world_model: WorldModel,
        replayed: Replayed,
        reward: RewardFunction | None = None,
    ) -> Losses:
        """See :class:`V3Behavior`. A reward of one's own is not in the replay: no replay value."""
        config = self.config
        dreamed = self._dream(world_model, replayed, reward)
        found = dreamed_losses(
            dreamed,
            self.scale,
            lambda_=config.discount_lambda,
            entropy=config.entropy_scale,
            slow=config.slow_scale,
        )
        terms = {"policy": found.policy.mean(), "value": found.value.mean()}
        if reward is None:
            boot_BT = found.returns[0].reshape(replayed.feat.shape[:2])
            terms["replay_value"] = self._replay_value(replayed, boot_BT.T)
        metrics = {
            "actor_entropy": found.entropy.detach().mean(),
            "imagined_reward": dreamed.reward.mean(),
            "imagined_return": found.returns.mean(),
            "return_low": self.scale.low.clone(),
            "return_high": self.scale.high.clone(),
        }
        return Losses(terms, metrics)

    def update(
        self,
        world_model: WorldModel,
        replayed: Replayed,
        reward: RewardFunction | None = None,
    ) -> Metrics:
        """Let the slow critic follow, after the step."""
        self.slow.follow(self.critic)
        return {}

    def _dream(
        self, world_model: WorldModel, replayed: Replayed, reward: RewardFunction | None
    ) -> Dreamed:
        """Imagine from every state of the batch; nothing of it has gradients to the model."""
        dynamics = world_model.dynamics
        start = tree_map(torch.Tensor.detach, dynamics.starts(replayed.state))
        imagined = imagine(
            dynamics, self.actor, self._choose, start, self.config.horizon, differentiable=False
        )
        with torch.no_grad():
            found = world_model.reward(imagined.feat) if reward is None else reward(imagined)
            cont = world_model.discount(imagined.feat)
            slow = self.slow(imagined.feat)
        if cont is None:
            cont = torch.full_like(found, self._discount)
        policy = self.actor.output(imagined.hidden)  # the rollout kept what it saw
        value = self.critic(imagined.feat)
        return Dreamed(imagined.action[1:], policy, found, cont, value, slow)

    def _replay_value(self, replayed: Replayed, boot_TB: Tensor) -> Tensor:
        """The critic's loss on replayed rows as far as they have rewards (equation 11's second)."""
        steps = replayed.covered.get("reward", len(boot_TB))
        names = ("reward", "is_first", "is_last", "is_terminal")
        rows = (replayed.data[name][:, :steps].T for name in names)
        reward_TB, is_first_TB, is_last_TB, is_terminal_TB = rows
        # where a window continues with another episode, there is no value beyond
        is_last_TB = torch.cat([is_last_TB[:-1].maximum(is_first_TB[1:]), is_last_TB[-1:]])
        mix, boot_TB = self.config.discount_lambda, boot_TB[:steps]
        returns = replay_returns(
            reward_TB, boot_TB, is_last_TB, is_terminal_TB, discount=self._discount, lambda_=mix
        )
        feat_TBF = replayed.feat[:, :steps].transpose(0, 1)
        with torch.no_grad():
            slow = self.slow(feat_TBF)
        loss = value_loss(self.critic(feat_TBF), slow, returns, self.config.slow_scale)
        return ((1 - is_last_TB[:-1]) * loss).mean()

    def _choose(self, policy: Distribution) -> Tensor:
        return policy.sample(self._noise)


def policy_of(config: V3ActorConfig, feat_dim: int, action: ActionSpec) -> Head:
    """The actor: normals, or classes with a uniform share, unless its output is set."""
    if config.output is None:
        usual: dict[str, Any] = {"use": "wmframe.normal", "min_std": config.min_std}
        if action.discrete:
            usual = {"use": "wmframe.onehot", "init": "lecun", "scale": 0.01}
            usual["unimix"] = config.unimix
        config = attrs.evolve(config, output=default_part("output", usual))
    return make_actor(config, feat_dim, action)
