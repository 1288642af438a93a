"""Similarity of images: PSNR and SSIM (Wang et al. 2004), on their device.

Letters: H and W height and width, C channels.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import conv2d

FLOOR: Final = 1e-10
"""Lower bound of the squared error in PSNR: equal images have 100 dB."""

WINDOW: Final = 11
SIGMA: Final = 1.5
"""Size and standard deviation of SSIM's Gaussian window, in pixels."""

C1: Final = 0.01**2
C2: Final = 0.03**2
"""SSIM's constants, for values in [0, 1]."""


def psnr(truth: Tensor, model: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB.

    Args:
        truth: [..., H, W, C] in [0, 1].
        model: the same.

    Returns:
        [...], of each picture; at most 100.
    """
    error = (truth.float() - model.float()).square().mean((-3, -2, -1))
    return -10 * error.clamp_min(FLOOR).log10()


def ssim(truth: Tensor, model: Tensor) -> Tensor:
    """Structural similarity: a Gaussian window of 11 pixels, windows inside the picture only.

    Args:
        truth: [..., H, W, C] in [0, 1]; H and W at least 11, or the window is as large as they are.
        model: the same.

    Returns:
        [...], of each picture: the mean over windows and channels, at most 1.
    """
    x, y = (_planes(picture) for picture in (truth, model))
    mean_x, mean_y = _blur(x), _blur(y)
    var_x, var_y = _blur(x * x) - mean_x**2, _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + C1) * (2 * covariance + C2)
    likeness = likeness / ((mean_x**2 + mean_y**2 + C1) * (var_x + var_y + C2))
    return likeness.mean((-3, -2, -1)).reshape(truth.shape[:-3])


def _planes(picture: Tensor) -> Tensor:
    """[..., H, W, C] as [N, C, H, W]."""
    return picture.float().reshape(-1, *picture.shape[-3:]).movedim(-1, -3)


def _blur(planes_NCHW: Tensor) -> Tensor:
    """The mean under the window, at every valid position."""
    channels, height, width = planes_NCHW.shape[1:]
    rows, columns = (_gauss(min(WINDOW, side), planes_NCHW) for side in (height, width))
    single = planes_NCHW.reshape(-1, 1, height, width)
    blurred = conv2d(conv2d(single, rows.view(1, 1, -1, 1)), columns.view(1, 1, 1, -1))
    return blurred.view(-1, channels, *blurred.shape[2:])


def _gauss(size: int, like: Tensor) -> Tensor:
    place = torch.arange(size, dtype=like.dtype, device=like.device) - (size - 1) / 2
    weight = torch.exp(-(place**2) / (2 * SIGMA**2))
    return weight / weight.sum()
