"""An agent of parts: a world model, a behavior for the task, and one that explores.

Letters: N simulators, A action, F features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, optim

from wmframe.errors import UsageError
from wmframe.interfaces.models import Agent
from wmframe.models.behavior import Behavior, BehaviorContext
from wmframe.models.config import AgentConfig
from wmframe.models.explorers import add_action_noise, random_action
from wmframe.models.groups import make_optimizers, trained
from wmframe.models.learner import ModelLearner, build_world_model, loss_metrics, step_all
from wmframe.models.preprocess import Preprocess
from wmframe.models.records import Losses, Replayed
from wmframe.nn.cpu.prepared import prepared
from wmframe.nn.modes import evaluating
from wmframe.nn.noise import Noise
from wmframe.nn.precision import backward
from wmframe.nn.weights import LoadReport, load_parts
from wmframe.parallel.world import size
from wmframe.types import ActionSpec, Batch, Metrics, Mode, ObsSpec, State

MODEL = "world_model."
COUNTER = "decisions"


class ActingState(NamedTuple):
    """What the agent remembers between decisions: the latent state and its last action [N, A]."""

    latent: State
    action: Tensor


class ModelAgent(ModelLearner, Agent):
    """Every part is chosen by the config; a method is a config with other defaults.

    Args:
        config: the parts.
        obs: what the suite observes.
        action: what it accepts.
        noise: where random draws come from; torch's default generators unless given.

    Raises:
        UsageError: parts do not fit each other.
    """

    decisions: Tensor

    def __init__(
        self,
        config: AgentConfig,
        *,
        obs: ObsSpec,
        action: ActionSpec,
        noise: Noise | None = None,
    ) -> None:
        super().__init__()
        self.action = action
        self.acting = config.acting
        self.noise = noise or Noise()
        self.world_model = build_world_model(
            config,
            obs=obs,
            action_dim=action.size,
            noise=self.noise,
            preprocess=Preprocess(config.rewards, config.discount),
            heads=config.heads,
            bonus=config.bonus,
        )
        context = self._context(config)
        self.task: Behavior = context.another()
        self.explorer: Behavior = config.explorer.build(context=context)
        self.model_optimizers = make_optimizers(config.optimizers, self._jointly_trained())
        self.register_buffer(COUNTER, torch.zeros((), dtype=torch.int64))
        self._parts = {MODEL + theirs: MODEL + ours for theirs, ours in config.initialize.items()}
        self._embed: Callable[[Mapping[str, Tensor]], Tensor] | None = None

    def optimizers(self) -> dict[str, optim.Optimizer]:
        """Those of the world model, of the task's behavior, and of the explorer."""
        explorer = self.explorer.optimizers().items()
        return {
            **super().optimizers(),
            **self.task.optimizers(),
            **{f"explorer_{name}": optimizer for name, optimizer in explorer},
        }

    def initialize(self, weights: Mapping[str, Tensor], strict: bool = True) -> LoadReport:
        """Begin with the parts of a model that the config names, or with a whole agent like this.

        ``strict`` concerns these parts.

        Raises:
            CheckpointError: they do not fit; every odd name is listed.
        """
        if not self._parts or COUNTER in weights:  # which only agents have
            return super().initialize(weights, strict)
        return load_parts(self, weights, self._parts, strict)

    def update(self, batch: Batch) -> Metrics:
        """One gradient step of the joint losses, then the behaviors' own updates."""
        self._embed = None
        world_model = self.world_model
        replayed, shaped = world_model.observe(batch)
        losses = self._joined(replayed)
        total = world_model.weigh(losses.terms)
        backward(total)
        metrics = {**loss_metrics(total, losses), **shaped, **step_all(self.model_optimizers)}
        replayed = replayed.detach()
        metrics |= self.task.update(world_model, replayed)
        explored = self.explorer.update(world_model, replayed)
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

    def _context(self, config: AgentConfig) -> BehaviorContext:
        def another() -> Behavior:
            behavior: Behavior = config.behavior.build(context=context(None))
            return behavior

        def context(policy: Callable[[Tensor], Tensor] | None) -> BehaviorContext:
            sizes = self.world_model.readout_sizes()
            noise, discount = self.noise, config.discount
            return BehaviorContext(self.action, noise, discount, sizes, policy, another)

        return context(lambda feat_NF: self.task.act(feat_NF))

    def _jointly_trained(self) -> dict[str, torch.nn.Parameter]:
        """Parameters of the joint step: the model's, and those of behaviors with a prefix."""
        behaviors = {"behavior": self.task, "explorer": self.explorer}
        apart = [
            parameter
            for behavior in behaviors.values()
            for optimizer in behavior.optimizers().values()
            for group in optimizer.param_groups
            for parameter in group["params"]
        ]
        return trained({"": self.world_model, **behaviors}, apart)

    def _joined(self, replayed: Replayed) -> Losses:
        """The terms of the model and those that behaviors join to them."""
        world_model = self.world_model
        terms, metrics = map(dict, world_model.losses(replayed))
        for prefix, behavior in (("", self.task), ("explorer_", self.explorer)):
            joined = behavior.losses(world_model, replayed)
            named = {prefix + name: term for name, term in joined.terms.items()}
            if taken := sorted(named.keys() & terms.keys()):
                message = f"two losses are called {', '.join(taken)}"
                raise UsageError(message, "give the behavior's another name")
            terms |= named
            metrics |= {prefix + name: value for name, value in joined.metrics.items()}
        return Losses(terms, metrics)

    def _choose(self, feat_NF: Tensor, mode: Mode) -> Tensor:
        if mode == "random":
            return random_action(self.action, feat_NF, self.noise)
        if mode == "eval":
            action_NA = self.task.act(feat_NF, mode)
            return add_action_noise(action_NA, self.acting.eval_noise, self.action, self.noise)
        action_NA = self.explorer.act(feat_NF)
        if self.acting.explore_until:  # both are computed, so that the host need not wait
            self.decisions += len(feat_NF) * size()
            exploring = self.decisions <= self.acting.explore_until
            action_NA = torch.where(exploring, action_NA, self.task.act(feat_NF))
        return add_action_noise(action_NA, self.acting.explore_noise, self.action, self.noise)
