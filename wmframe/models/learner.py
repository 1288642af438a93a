"""Learners with a world model: building it, stepping on its loss, showing what it predicts."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, optim

from wmframe.config import Part
from wmframe.errors import UsageError
from wmframe.interfaces.models import Decoder, Dynamics, Encoder, Learner
from wmframe.models.config import PredictorConfig, RewardConfig, WorldModelConfig
from wmframe.models.groups import make_optimizers, trained
from wmframe.models.heads import Predictor
from wmframe.models.predict import context_of, open_loop, to_frames
from wmframe.models.preprocess import Preprocess
from wmframe.models.records import Losses
from wmframe.models.reward_shaping import RewardShaping
from wmframe.models.world_model import WorldModel
from wmframe.nn.modes import evaluating
from wmframe.nn.noise import Noise
from wmframe.nn.precision import backward
from wmframe.training.optimizer import Optimizer
from wmframe.types import Batch, Metrics, ObsSpec


def build_world_model(
    config: WorldModelConfig,
    *,
    obs: ObsSpec,
    action_dim: int,
    noise: Noise,
    preprocess: Preprocess,
    heads: Mapping[str, PredictorConfig] | None = None,
    bonus: Part | None = None,
) -> WorldModel:
    """Build the parts in the order in which one's size is the next one's input."""
    encoder: Encoder = config.encoder.build(obs=obs)
    dynamics: Dynamics = config.dynamics.build(
        embed_dim=encoder.embed_dim, action_dim=action_dim, noise=noise
    )
    feat_dim = dynamics.feat_dim
    decoder: Decoder | None = None
    if config.decoder is not None:
        decoder = config.decoder.build(feat_dim=feat_dim, obs=obs)
    shaping: RewardShaping | None = None if bonus is None else bonus.build(dynamics=dynamics)
    found = (heads or {}).items()
    return WorldModel(
        encoder,
        dynamics,
        decoder,
        {name: Predictor.build(name, head, feat_dim) for name, head in found},
        preprocess=preprocess,
        bonus=shaping,
        loss_scales=config.loss_scales,
        decoder_gradient=config.decoder_gradient,
    )


def loss_metrics(total: Tensor, losses: Losses) -> dict[str, Tensor]:
    """The weighted sum as ``model_loss``, each term as ``NAME_loss``, and the metrics."""
    terms = {f"{name}_loss": term.detach() for name, term in losses.terms.items()}
    return {"model_loss": total.detach(), **terms, **losses.metrics}


def step_all(optimizers: Mapping[str, Optimizer]) -> dict[str, Tensor]:
    """One step of each optimizer along the gradients there are; the norms of these."""
    return {f"{name}_grad_norm": optimizer.step() for name, optimizer in optimizers.items()}


class ModelLearner(Learner):
    """What every learner with a world model does; subclasses set both attributes."""

    world_model: WorldModel
    model_optimizers: dict[str, Optimizer]

    def optimizers(self) -> dict[str, optim.Optimizer]:
        """Those of the world model."""
        return {name: optimizer.torch for name, optimizer in self.model_optimizers.items()}

    def predict(self, batch: Batch, observed_steps: int = 5) -> dict[str, Tensor]:
        """See :meth:`wmframe.interfaces.Learner.predict`; several images stand side by side."""
        return to_frames(open_loop(self.world_model, batch, observed_steps))

    def predict_with_context(
        self, batch: Batch, other: Batch, observed_steps: int = 5
    ) -> dict[str, Tensor] | None:
        """See :meth:`wmframe.interfaces.Learner.predict_with_context`; None if the encoder finds
        no context.
        """
        context = context_of(self.world_model, other, observed_steps)
        if context is None:
            return None
        return to_frames(open_loop(self.world_model, batch, observed_steps, context))


class VideoPredictor(ModelLearner):
    """A world model without heads, which learns from videos.

    Args:
        config: its parts.
        obs: what the videos show.
        noise: where random draws come from; torch's default generators unless given.

    Raises:
        UsageError: it has nothing to reconstruct.
    """

    def __init__(
        self, config: WorldModelConfig, *, obs: ObsSpec, noise: Noise | None = None
    ) -> None:
        super().__init__()
        if config.decoder is None:
            raise UsageError(
                "without a decoder nothing can be learned from videos", "choose a decoder"
            )
        self.noise = noise or Noise()
        # videos have no rewards; the setting is irrelevant
        preprocess = Preprocess(RewardConfig(), discount=1.0)
        self.world_model = build_world_model(
            config, obs=obs, action_dim=0, noise=self.noise, preprocess=preprocess
        )
        parameters = trained({"": self.world_model}, ())
        self.model_optimizers = make_optimizers(config.optimizers, parameters)

    def update(self, batch: Batch) -> Metrics:
        """One gradient step; of the batch, only what the networks observe is used."""
        loss = self.world_model.loss(batch)
        backward(loss.total)
        losses = Losses(loss.terms, loss.metrics)
        return loss_metrics(loss.total, losses) | step_all(self.model_optimizers)

    @torch.no_grad()
    def assess(self, batch: Batch) -> Metrics:
        """See :meth:`wmframe.interfaces.Learner.assess`."""
        with evaluating(self.world_model):
            loss = self.world_model.loss(batch)
            return loss_metrics(loss.total, Losses(loss.terms, loss.metrics))
