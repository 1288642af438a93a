"""Plan2Explore: plan towards states on which an ensemble disagrees (Sekar et al. 2020).

As in DreamerV2's code: each member predicts part of the latent state one step ahead from the
features and the action that led to them, and the reward is the standard deviation over members.

Letters: M members, B batch, T time, H horizon, N rows, F features, D predicted part.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wmframe.interfaces.models import Behavior
from wmframe.models.config import HeadConfig, NormConfig
from wmframe.models.imagination import Imagined
from wmframe.models.world_model import Replayed, WorldModel
from wmframe.nn.mlp import Head
from wmframe.nn.modes import frozen
from wmframe.nn.precision import backward
from wmframe.nn.stream_norm import StreamNorm
from wmframe.training.config import OptimizerConfig
from wmframe.training.optimizer import Optimizer
from wmframe.types import Metrics
from wmframe_dreamerv2.explore import Surroundings


class Plan2Explore(Behavior):
    """Settings as in :class:`~wmframe_dreamerv2.config.Plan2ExploreConfig`."""

    def __init__(
        self,
        models: int,
        head: HeadConfig,
        target: str,
        offset: int,
        action_conditional: bool,
        logarithm: bool,
        intrinsic_scale: float,
        extrinsic_scale: float,
        reward_norm: NormConfig,
        optimizer: OptimizerConfig,
        *,
        surroundings: Surroundings,
    ) -> None:
        super().__init__()
        self._target = target
        self._offset = offset
        self._action_conditional = action_conditional
        self._logarithm = logarithm
        self._scales = (intrinsic_scale, extrinsic_scale)
        in_dim = surroundings.sizes["feat"] + surroundings.action.size * action_conditional
        shape = (surroundings.sizes[target],)
        args = (in_dim, shape, head.layers, head.units, head.act, head.norm, "mse")
        self.ensemble = nn.ModuleList(Head(*args) for _ in range(models))
        self.actor_critic = surroundings.actor_critic()
        norm = (reward_norm.momentum, reward_norm.scale, reward_norm.eps, reward_norm.init)
        self.intrinsic_norm = StreamNorm(*norm)
        self.extrinsic_norm = StreamNorm(*norm)
        self._optimizer = Optimizer(self.ensemble.parameters(), optimizer)

    def act(self, feat_NF: Tensor) -> Tensor:
        """Sample the exploring policy."""
        return self.actor_critic.act(feat_NF)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Those of the ensemble and of the exploring actor and critic."""
        return {"ensemble": self._optimizer.torch, **self.actor_critic.optimizers()}

    def update(self, world_model: WorldModel, replayed: Replayed) -> Metrics:
        """Teach the ensemble on the batch, then the policy in imagination."""
        loss = self.ensemble_loss(world_model, replayed)
        backward(loss)
        norm = self._optimizer.step()
        with frozen(self.ensemble):
            metrics = self.actor_critic.update(
                world_model, replayed, lambda imagined: self.reward(world_model, imagined)
            )
        return {"ensemble_loss": loss.detach(), "ensemble_grad_norm": norm, **metrics}

    def ensemble_loss(self, world_model: WorldModel, replayed: Replayed) -> Tensor:
        """Negative log-likelihood of what comes ``offset`` steps later, summed over members."""
        parts = {"embed": replayed.embed, **world_model.dynamics.readouts(replayed.state)}
        target_BTD = parts[self._target][:, self._offset :]
        inputs_BTF = self._inputs(replayed.feat, replayed.data["action"])
        inputs_BTF = inputs_BTF[:, : target_BTD.shape[1]]
        losses = [-head(inputs_BTF).log_prob(target_BTD).mean() for head in self.ensemble]
        return torch.stack(losses).sum()

    def reward(self, world_model: WorldModel, imagined: Imagined) -> Tensor:
        """Disagreement at imagined states plus the task's reward as asked for: [H + 1, N]."""
        intrinsic, extrinsic = self._scales
        inputs = self._inputs(imagined.feat, imagined.action)
        predicted_MHND = torch.stack([head(inputs).mode() for head in self.ensemble])
        disagreement_HN = predicted_MHND.std(0).mean(-1)
        if self._logarithm:
            disagreement_HN = disagreement_HN.log()
        reward_HN: Tensor = intrinsic * self.intrinsic_norm(disagreement_HN)
        if extrinsic:
            task_HN = world_model.reward(imagined.feat)
            reward_HN = reward_HN + extrinsic * self.extrinsic_norm(task_HN)
        return reward_HN

    def _inputs(self, feat: Tensor, action: Tensor) -> Tensor:
        return torch.cat([feat, action], -1) if self._action_conditional else feat
