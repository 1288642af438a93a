"""Predictions of a world model as images.

Letters: B clips, T time, H and W height and width, C channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs
import numpy as np
import torch
from torch import Tensor

from wmframe.data.video import evenly, strip, write_png
from wmframe.interfaces.context import StageContext
from wmframe.interfaces.models import Learner
from wmframe.tracking.videos import FOLDER as VIDEOS
from wmframe.tracking.videos import axis_step
from wmframe.types import Batch, Counters

CLIPS: Final = 6
"""Clips of a video."""

SHEET_CLIPS: Final = 3
SHEET_FRAMES: Final = 8
"""Clips and frames of a sheet."""


@attrs.frozen
class Comparison:
    """Videos of the same clips to be shown together.

    Attributes:
        rows: each [B, T, H, W, C] in [0, 1], the uppermost first.
    """

    rows: tuple[Tensor, ...]

    def film(self) -> np.ndarray:
        """The rows stacked vertically, the clips horizontally: uint8 [T, rows H, B W, C]."""
        stacked = torch.cat([row[:CLIPS] for row in self.rows], dim=2)
        return to_uint8(torch.cat(list(stacked), dim=2))

    def sheet(self) -> np.ndarray:
        """Time from left to right, the clips stacked vertically: one image, uint8 [H', W', C]."""
        moments = sorted(evenly(self.rows[0].shape[1], SHEET_FRAMES))
        stacked = torch.cat([row[:SHEET_CLIPS, moments] for row in self.rows], dim=2)
        strips = np.stack([strip(clip_THWC) for clip_THWC in to_uint8(stacked)])  # [B, H', W', C]
        return strip(strips.swapaxes(1, 2)).swapaxes(0, 1)


def open_loop(learner: Learner, batch: Batch, observed_steps: int = 5) -> Comparison | None:
    """A prediction of the batch's first clips, as :func:`compare` shows it.

    The model sees ``observed_steps`` frames, of short clips all but the last one, and imagines the
    rest with the true actions. None for a learner that predicts no pictures.
    """
    clips = {key: value[:CLIPS] for key, value in batch.items()}
    length = min(value.shape[1] for value in clips.values())
    with torch.inference_mode():
        video = learner.predict(clips, min(observed_steps, length - 1))
    return compare(video) if video else None


def compare(video: Mapping[str, Tensor]) -> Comparison:
    """Truth above model above error; grey is no error.

    Args:
        video: ``truth`` and ``model`` as :meth:`wmframe.interfaces.Learner.predict` gives them.
    """
    truth, model = (video[name].float().clamp(0, 1) for name in ("truth", "model"))
    return Comparison((truth, model, (model - truth + 1) / 2))


def record(
    context: StageContext, counters: Counters, name: str, comparison: Comparison | None
) -> None:
    """Record a prediction as a video and as an image, if there is one."""
    if comparison is None:
        return
    context.hub.video(counters, name, comparison.film())
    file = f"{name}_{axis_step(counters):09d}.png"
    write_png(context.folder / VIDEOS / file, comparison.sheet())


def to_uint8(values: Tensor) -> np.ndarray:
    """Images in [0, 1] as bytes on the host."""
    return (values.float().clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()
