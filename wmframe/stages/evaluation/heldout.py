"""Validate a video model on clips that it never learns from.

Two questions: how badly it explains them (its own loss terms), and how well it goes on with them
after a few frames (PSNR and SSIM of open-loop prediction). The second is asked of clips that move,
and beside the answer stands that of a model that repeats the last frame it saw.
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
    """The figures of ``heldout/``, as ``docs/metrics.md`` explains them.

    Args:
        learner: its random state is the caller's to isolate.
        batches: the clips, on its device.
        observed: frames seen before the prediction.
        motion: PSNR in dB of repeating the last seen frame, under which a clip counts as moving.
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
    """PSNR and SSIM of each clip's predicted frames, of the model and of repeating: each [B]."""
    video = learner.predict(batch, observed)
    return likeness(video["truth"], video["model"], observed)


def likeness(truth_BTHWC: Tensor, model_BTHWC: Tensor, observed: int) -> dict[str, Tensor]:
    """What :func:`prediction_quality` says, of a prediction at hand."""
    future, model = truth_BTHWC[:, observed:], model_BTHWC[:, observed:]
    repeat = truth_BTHWC[:, observed - 1 : observed].expand_as(future)
    return {
        "psnr": psnr(future, model).mean(1),
        "ssim": ssim(future, model).mean(1),
        "psnr_repeat": psnr(future, repeat).mean(1),
        "ssim_repeat": ssim(future, repeat).mean(1),
    }


def progress(first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
    """How far the image loss fell since the first evaluation; nothing if it is not reported."""
    if IMAGE_LOSS not in first or IMAGE_LOSS not in last:
        return {}
    return {
        f"{IMAGE_LOSS}_first": first[IMAGE_LOSS],
        f"{IMAGE_LOSS}_fall": first[IMAGE_LOSS] / last[IMAGE_LOSS],
    }
