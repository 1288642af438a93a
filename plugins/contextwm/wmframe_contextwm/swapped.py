"""The motion of one clip in the look of another: what tells context and dynamics apart."""

from __future__ import annotations

import torch
from torch import Tensor

from wmframe.models.predict import open_loop, to_frames
from wmframe.models.world_model import WorldModel
from wmframe.nn.modes import evaluating
from wmframe.types import Batch


@torch.no_grad()
def predict_swapped(
    world_model: WorldModel, batch: Batch, other: Batch, observed_steps: int
) -> dict[str, Tensor]:
    """See :meth:`wmframe.interfaces.Learner.predict_with_context`.

    The context comes from the frames of ``other`` that would be seen of it as well.
    """
    with evaluating(world_model):
        seen = {key: value[:, :observed_steps] for key, value in other.items()}
        context = world_model.encoder(world_model.preprocess(seen)).context
    return to_frames(open_loop(world_model, batch, observed_steps, context))
