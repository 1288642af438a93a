"""DreamerV2 (Hafner et al. 2020, arXiv 2010.02193): learn a world model, act by imagination."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, optim

from wmframe.config import Part
from wmframe.interfaces.models import Agent, Behavior
from wmframe.models.actor_critic import ActorCritic, make_head
from wmframe.models.assembly import build_networks, descend
from wmframe.models.config import ActingConfig, BehaviorConfig, RewardConfig
from wmframe.models.predict import open_loop, to_frames
from wmframe.models.preprocess import Preprocess
from wmframe.models.world_model import Predictor, WorldModel
from wmframe.nn.cpu.prepared import prepared
from wmframe.nn.modes import evaluating
from wmframe.nn.noise import Noise
from wmframe.parallel.world import size
from wmframe.training.optimizer import Optimizer
from wmframe.types import ActionSpec, Batch, Metrics, Mode, ObsSpec, State
from wmframe_dreamerv2.bonus import IntrinsicBonus
from wmframe_dreamerv2.config import BonusConfig, ModelConfig
from wmframe_dreamerv2.explore import Surroundings, disturb, random_action


class ActingState(NamedTuple):
    """What the agent remembers between decisions: the latent state and its last action [N, A]."""

    latent: State
    action: Tensor


class DreamerV2(Agent):
    """Settings as in :class:`~wmframe_dreamerv2.config.AgentConfig`.

    Methods that build on it override :meth:`make_heads`, :meth:`make_model_optimizers` and
    :attr:`default_loss_scales`.

    Args:
        obs: what the suite observes.
        action: what it accepts.
        noise: where random draws come from; torch's default generators unless given.
    """

    default_loss_scales: ClassVar[Mapping[str, float]] = {}
    """Weights of losses that the settings do not name; 1 where this does not name them either."""

    decisions: Tensor

    def __init__(
        self,
        encoder: Part,
        dynamics: Part,
        decoder: Part,
        explorer: Part,
        discount: float,
        model: ModelConfig,
        rewards: RewardConfig,
        bonus: BonusConfig,
        behavior: BehaviorConfig,
        acting: ActingConfig,
        *,
        obs: ObsSpec,
        action: ActionSpec,
        noise: Noise | None = None,
    ) -> None:
        super().__init__()
        self.action = action
        self.acting = acting
        self.noise = noise or Noise()
        nets = build_networks(
            encoder, dynamics, decoder, obs=obs, action_dim=action.size, noise=self.noise
        )
        feat_dim = nets.dynamics.feat_dim
        self.world_model = WorldModel(
            *nets,
            self.make_heads(model, feat_dim),
            preprocess=Preprocess(rewards, discount),
            bonus=IntrinsicBonus(bonus, nets.dynamics.novelty_dim) if bonus.scale else None,
            loss_scales={**self.default_loss_scales, **model.loss_scales},
            decoder_gradient="decoder" in model.gradient_heads,
        )
        actor_critic = partial(
            ActorCritic,
            behavior,
            feat_dim=feat_dim,
            action=action,
            discount=discount,
            noise=self.noise,
        )
        self.task = actor_critic()
        self.explorer: Behavior = explorer.build(
            surroundings=Surroundings(
                action, self.noise, self.task.act, actor_critic, self.world_model.readout_sizes()
            )
        )
        self.model_optimizers = self.make_model_optimizers(model)
        self.register_buffer("decisions", torch.zeros((), dtype=torch.int64))
        self._embed: Callable[[Mapping[str, Tensor]], Tensor] | None = None

    def make_heads(self, model: ModelConfig, feat_dim: int) -> dict[str, Predictor]:
        """What the world model predicts beside observations, by name."""
        heads = {"reward": make_head(model.reward_head, feat_dim, "mse")}
        if model.predict_discount:
            heads["discount"] = make_head(model.discount_head, feat_dim, "binary")
        gradient = model.gradient_heads
        return {name: Predictor(head, name, name in gradient) for name, head in heads.items()}

    def make_model_optimizers(self, model: ModelConfig) -> dict[str, Optimizer]:
        """Who steps which parameters of the world model, by name; each clips its own norm."""
        return {"model": Optimizer(self.world_model.parameters(), model.optimizer)}

    def optimizers(self) -> dict[str, optim.Optimizer]:
        """Those of the world model, the task's actor and critic, and the explorer."""
        explorer = self.explorer.optimizers().items()
        return {
            **{name: optimizer.torch for name, optimizer in self.model_optimizers.items()},
            **self.task.optimizers(),
            **{f"explorer_{name}": optimizer for name, optimizer in explorer},
        }

    def update(self, batch: Batch) -> Metrics:
        """One gradient step of the world model, then of the behaviors that imagine with it."""
        self._embed = None
        world_model = self.world_model
        loss = world_model.loss(batch)
        metrics = descend(loss, self.model_optimizers)
        metrics |= self.task.update(
            world_model, loss.replayed, lambda imagined: world_model.reward(imagined.feat)
        )
        explored = self.explorer.update(world_model, loss.replayed)
        return metrics | {f"explorer_{name}": value for name, value in explored.items()}

    def initial_state(self, batch: int) -> ActingState:
        """Zeros."""
        latent = self.world_model.dynamics.initial(batch)
        zeros_NA = torch.zeros(batch, self.action.size, dtype=self.world_model.dtype)
        return ActingState(latent, zeros_NA.to(self.decisions.device))

    @torch.no_grad()
    def act(
        self, obs: Mapping[str, Tensor], state: ActingState, mode: Mode = "train"
    ) -> tuple[Tensor, ActingState]:
        """See :meth:`wmframe.interfaces.Agent.act`."""
        sample = mode != "eval" or not self.acting.eval_state_mean
        latent = self.infer(obs, state, sample=sample)
        feat_NF = self.world_model.dynamics.features(latent)
        action_NA = self._choose(feat_NF, mode)
        return action_NA, ActingState(latent, action_NA)

    def prepare(self) -> None:
        """Make a copy of the encoder for acting, see :meth:`wmframe.interfaces.Agent.prepare`."""
        self._embed = prepared(self.world_model.encoder).embed

    def infer(self, obs: Mapping[str, Tensor], state: ActingState, *, sample: bool) -> State:
        """The latent state [N, ...] after raw observations [N, ...]; its mode if not ``sample``."""
        world_model = self.world_model
        clip = {key: value.unsqueeze(1) for key, value in obs.items()}
        with evaluating(world_model.encoder, world_model.dynamics):
            data = world_model.preprocess(clip)
            embed_NE = (self._embed or world_model.encoder.embed)(data)[:, 0]
            return world_model.dynamics.observe_step(
                state.latent, embed_NE, state.action, data["is_first"][:, 0], sample
            )

    def _choose(self, feat_NF: Tensor, mode: Mode) -> Tensor:
        if mode == "random":
            return random_action(self.action, feat_NF, self.noise)
        if mode == "eval":
            action_NA = self.task.actor(feat_NF).mode()
            return disturb(action_NA, self.acting.eval_noise, self.action, self.noise)
        action_NA = self.explorer.act(feat_NF)
        if self.acting.explore_until:  # both are computed, so that the host need not wait
            self.decisions += len(feat_NF) * size()
            exploring = self.decisions <= self.acting.explore_until
            action_NA = torch.where(exploring, action_NA, self.task.act(feat_NF))
        return disturb(action_NA, self.acting.explore_noise, self.action, self.noise)

    def predict(self, batch: Batch, observed_steps: int = 5) -> dict[str, Tensor]:
        """See :meth:`wmframe.interfaces.Learner.predict`; several images stand side by side."""
        return to_frames(open_loop(self.world_model, batch, observed_steps))
