"""Learn a latent model of videos, without actions or rewards (Seo et al. 2022, section 4.1)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, optim

from wmframe.config import Part
from wmframe.interfaces.models import Learner
from wmframe.models.assembly import build_networks, descend, loss_metrics
from wmframe.models.config import RewardConfig
from wmframe.models.predict import open_loop, to_frames
from wmframe.models.preprocess import Preprocess
from wmframe.models.world_model import WorldModel
from wmframe.nn.modes import evaluating
from wmframe.nn.noise import Noise
from wmframe.training.config import OptimizerConfig
from wmframe.training.optimizer import Optimizer
from wmframe.types import Batch, Metrics, ObsSpec


class VideoPredictor(Learner):
    """A world model without heads.

    Settings as in :class:`~wmframe_apv.config.VideoPredictorConfig`.

    Args:
        obs: what the videos show.
        noise: where random draws come from; torch's default generators unless given.
    """

    def __init__(
        self,
        encoder: Part,
        dynamics: Part,
        decoder: Part,
        loss_scales: Mapping[str, float],
        optimizer: OptimizerConfig,
        *,
        obs: ObsSpec,
        noise: Noise | None = None,
    ) -> None:
        super().__init__()
        self.noise = noise or Noise()
        nets = build_networks(encoder, dynamics, decoder, obs=obs, action_dim=0, noise=self.noise)
        # videos have no rewards, so it matters not how they are preprocessed
        preprocess = Preprocess(RewardConfig(), discount=1.0)
        self.world_model = WorldModel(*nets, {}, preprocess=preprocess, loss_scales=loss_scales)
        self.model_optimizers = {"model": Optimizer(self.world_model.parameters(), optimizer)}

    def optimizers(self) -> dict[str, optim.Optimizer]:
        """The one optimizer, of all parameters."""
        return {name: optimizer.torch for name, optimizer in self.model_optimizers.items()}

    def update(self, batch: Batch) -> Metrics:
        """One gradient step; of the batch, only what the networks observe is used."""
        return descend(self.world_model.loss(batch), self.model_optimizers)

    @torch.no_grad()
    def assess(self, batch: Batch) -> Metrics:
        """See :meth:`wmframe.interfaces.Learner.assess`."""
        with evaluating(self.world_model):
            return loss_metrics(self.world_model.loss(batch))

    def predict(self, batch: Batch, observed_steps: int = 5) -> dict[str, Tensor]:
        """See :meth:`wmframe.interfaces.Learner.predict`; several images stand side by side."""
        return to_frames(open_loop(self.world_model, batch, observed_steps))
