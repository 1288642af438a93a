"""Evaluate a video model on held-out clips.

Two measures: its own loss terms, and PSNR and SSIM of open-loop prediction after a few frames. The
second is computed on moving clips and compared with the baseline of repeating the last observed
frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import torch
from torch import Tensor

from wmframe.interfaces.models import Learner
from wmframe.stages.evaluation.quality import psnr, ssim
from wmframe.types import Batch

IMAGE_LOSS: Final = "heldout/image_loss"


def validate(
    learner: Learner, batches: Iterable[Batch], *, observed: int, motion: float
) -> dict[str, float]:
    """The metrics of ``heldout/``, defined in ``docs/metrics.md``.

    Args:
        learner: its random state is the caller's to isolate.
        batches: the clips, on its device.
        observed: frames observed before the prediction.
        motion: a clip counts as moving if repeating the last observed frame has a lower PSNR in dB.
    """
    losses, quality = [], []
    with torch.inference_mode():
        for batch in batches:
            losses.append(learner.assess(batch))
            quality.append(prediction_quality(learner, batch, observed))
    joined = {name: torch.cat([one[name] for one in quality]) for name in quality[0]}
    moving_B = joined["psnr_repeat"] < motion
    figures = {name: float(torch.stack([one[name] for one in losses]).mean()) for name in losses[0]}
    figures["moving"] = int(moving_B.sum())
    if figures["moving"]:
        figures |= {name: float(value_B[moving_B].mean()) for name, value_B in joined.items()}
    return {f"heldout/{name}": value for name, value in figures.items()}


def prediction_quality(learner: Learner, batch: Batch, observed: int) -> dict[str, Tensor]:
    """PSNR and SSIM of each clip's predicted frames, for the model and for repeating: each [B]."""
    video = learner.predict(batch, observed)
    return likeness(video["truth"], video["model"], observed)


def likeness(truth_BTHWC: Tensor, model_BTHWC: Tensor, observed: int) -> dict[str, Tensor]:
    """The result of :func:`prediction_quality` for a given prediction."""
    future, model = truth_BTHWC[:, observed:], model_BTHWC[:, observed:]
    repeat = truth_BTHWC[:, observed - 1 : observed].expand_as(future)
    return {
        "psnr": psnr(future, model).mean(1),
        "ssim": ssim(future, model).mean(1),
        "psnr_repeat": psnr(future, repeat).mean(1),
        "ssim_repeat": ssim(future, repeat).mean(1),
    }


def progress(first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
    """The first image loss divided by the current one; nothing if it is not reported."""
    if IMAGE_LOSS not in first or IMAGE_LOSS not in last:
        return {}
    return {
        f"{IMAGE_LOSS}_first": first[IMAGE_LOSS],
        f"{IMAGE_LOSS}_fall": first[IMAGE_LOSS] / last[IMAGE_LOSS],
    }
