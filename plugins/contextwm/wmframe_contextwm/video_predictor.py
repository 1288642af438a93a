"""What ContextWM learns from videos (Wu et al. 2023, section 4.2)."""

from __future__ import annotations

from torch import Tensor

from wmframe.types import Batch
from wmframe_apv.video_predictor import VideoPredictor
from wmframe_contextwm.swapped import predict_swapped


class ContextVideoPredictor(VideoPredictor):
    """A video predictor whose encoder also gives a context.

    Settings as in :class:`~wmframe_contextwm.config.ContextPredictorConfig`.
    """

    def predict_with_context(
        self, batch: Batch, other: Batch, observed_steps: int = 5
    ) -> dict[str, Tensor]:
        """See :meth:`wmframe.interfaces.Learner.predict_with_context`."""
        return predict_swapped(self.world_model, batch, other, observed_steps)
