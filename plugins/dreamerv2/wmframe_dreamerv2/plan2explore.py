"""Plan2Explore: plan towards states on which an ensemble disagrees (Sekar et al. 2020).

As in DreamerV2's code: each member predicts part of the latent state one step ahead from the
features and the action that led to them, and the reward is the standard deviation over members.

Letters: V members, B batch, T time, L horizon, N rows, F features, X predicted part.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wmframe.models.behavior import Behavior, BehaviorContext, RewardFunction
from wmframe.models.heads import make_head
from wmframe.models.imagination import Imagined
from wmframe.models.records import Losses, Replayed
from wmframe.models.world_model import WorldModel
from wmframe.nn.modes import frozen
from wmframe.nn.precision import backward
from wmframe.nn.stream_norm import StreamNorm
from wmframe.training.optimizer import Optimizer
from wmframe.types import Metrics, Mode
from wmframe_dreamerv2.config import Plan2ExploreConfig


class Plan2Explore(Behavior):
    """An ensemble, and one more behavior like the task's that seeks where its members disagree."""

    def __init__(self, config: Plan2ExploreConfig, *, context: BehaviorContext) -> None:
        super().__init__()
        self.config = config
        in_dim = context.sizes["feat"] + context.action.size * config.action_conditional
        shape = (context.sizes[config.target],)
        members = range(config.models)
        self.ensemble = nn.ModuleList(make_head(config.head, in_dim, shape) for _ in members)
        self.actor_critic = context.another()
        norm = config.reward_norm
        norms = (norm.momentum, norm.scale, norm.eps, norm.init)
        self.intrinsic_norm = StreamNorm(*norms)
        self.extrinsic_norm = StreamNorm(*norms)
        self._optimizer = Optimizer(self.ensemble.parameters(), config.optimizer)

    def act(self, feat_NF: Tensor, mode: Mode = "train") -> Tensor:
        """The exploring policy's."""
        return self.actor_critic.act(feat_NF, mode)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Those of the ensemble and of the exploring behavior."""
        return {"ensemble": self._optimizer.torch, **self.actor_critic.optimizers()}

    def losses(
        self,
        world_model: WorldModel,
        replayed: Replayed,
        reward: RewardFunction | None = None,
    ) -> Losses:
        """What the exploring behavior joins to the model's loss."""
        with frozen(self.ensemble):
            return self.actor_critic.losses(world_model, replayed, self._sought(world_model))

    def update(
        self,
        world_model: WorldModel,
        replayed: Replayed,
        reward: RewardFunction | None = None,
    ) -> Metrics:
        """Teach the ensemble on the batch, then the policy in imagination."""
        loss = self.ensemble_loss(world_model, replayed)
        backward(loss)
        norm = self._optimizer.step()
        with frozen(self.ensemble):
            metrics = self.actor_critic.update(world_model, replayed, self._sought(world_model))
        return {"ensemble_loss": loss.detach(), "ensemble_grad_norm": norm, **metrics}

    def _sought(self, world_model: WorldModel) -> RewardFunction:
        return lambda imagined: self.reward(world_model, imagined)

    def ensemble_loss(self, world_model: WorldModel, replayed: Replayed) -> Tensor:
        """Negative log-likelihood of what comes ``offset`` steps later, summed over members."""
        parts = {"embed": replayed.embed, **world_model.dynamics.readouts(replayed.state)}
        target_BTX = parts[self.config.target][:, self.config.offset :]
        inputs_BTF = self._inputs(replayed.feat, replayed.data["action"])
        inputs_BTF = inputs_BTF[:, : target_BTX.shape[1]]
        losses = [-head(inputs_BTF).log_prob(target_BTX).mean() for head in self.ensemble]
        return torch.stack(losses).sum()

    def reward(self, world_model: WorldModel, imagined: Imagined) -> Tensor:
        """Disagreement at imagined states plus the task's reward as asked for: [L + 1, N]."""
        intrinsic, extrinsic = self.config.intrinsic_scale, self.config.extrinsic_scale
        inputs = self._inputs(imagined.feat, imagined.action)
        predicted_VLNX = torch.stack([head(inputs).mean() for head in self.ensemble])
        disagreement_LN = predicted_VLNX.std(0).mean(-1)
        if self.config.logarithm:
            disagreement_LN = disagreement_LN.log()
        reward_LN: Tensor = intrinsic * self.intrinsic_norm(disagreement_LN)
        if extrinsic:
            task_LN = world_model.reward(imagined.feat)
            reward_LN = reward_LN + extrinsic * self.extrinsic_norm(task_LN)
        return reward_LN

    def _inputs(self, feat: Tensor, action: Tensor) -> Tensor:
        return torch.cat([feat, action], -1) if self.config.action_conditional else feat
