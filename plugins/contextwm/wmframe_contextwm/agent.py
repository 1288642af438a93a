"""ContextWM: an agent that separates what a scene looks like from what happens (Wu et al. 2023)."""

from __future__ import annotations

from torch import Tensor

from wmframe.models.actor_critic import make_head
from wmframe.models.world_model import Predictor
from wmframe.types import Batch
from wmframe_apv.agent import ApvAgent
from wmframe_contextwm.config import ContextModelConfig
from wmframe_contextwm.swapped import predict_swapped


class ContextWM(ApvAgent):
    """Settings as in :class:`~wmframe_contextwm.config.ContextAgentConfig`."""

    def make_heads(  # type: ignore[override]
        self, model: ContextModelConfig, feat_dim: int
    ) -> dict[str, Predictor]:
        """APV's, and ``aux_reward``, whose gradient always shapes the features.

        Behavior learning uses the first reward head; the second keeps the task in the features
        while bonuses dominate (section 4.3).
        """
        heads = super().make_heads(model, feat_dim)
        if model.aux_reward:
            head = make_head(model.reward_head, feat_dim, "mse")
            heads["aux_reward"] = Predictor(head, "task_reward", gradient=True)
        return heads

    def predict_with_context(
        self, batch: Batch, other: Batch, observed_steps: int = 5
    ) -> dict[str, Tensor]:
        """See :meth:`wmframe.interfaces.Learner.predict_with_context`."""
        return predict_swapped(self.world_model, batch, other, observed_steps)
