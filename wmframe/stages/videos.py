"""What a world model predicts, as pictures."""

from __future__ import annotations

import numpy as np
import torch

from wmframe.interfaces.models import Learner
from wmframe.types import Batch

CLIPS = 6
"""Clips shown side by side."""


def open_loop_frames(learner: Learner, batch: Batch, observed_steps: int = 5) -> np.ndarray:
    """Truth above model above error, clips side by side: uint8 [T, 3 H, clips W, C].

    The model sees ``observed_steps`` frames and imagines the rest with the true actions.
    """
    clips = {key: value[:CLIPS] for key, value in batch.items()}
    with torch.inference_mode():
        video = learner.predict(clips, observed_steps)
    truth, model = video["truth"].float(), video["model"].float().clamp(0, 1)
    error = (model - truth + 1) / 2
    stacked = torch.cat([truth, model, error], dim=2)  # [B, T, 3 H, W, C]
    row = torch.cat(list(stacked), dim=2)  # [T, 3 H, B W, C]
    return (row * 255).round().to(torch.uint8).cpu().numpy()
