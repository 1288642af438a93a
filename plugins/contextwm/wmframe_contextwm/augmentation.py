"""Changes to the context frame in training, so that the context is not taken at face value
(Wu et al. 2023, appendix).

Every frame is changed in its own way, on its device, and nothing is remembered.

Letters: B frames, K channels, H and W height and width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from wmframe.nn.noise import Noise

Augmentation = Callable[[Tensor, Noise], Tensor]

ERASED_AREA: Final = (0.02, 0.33)
ERASED_ASPECT: Final = (0.3, 3.3)
CROPPED_AREA: Final = (0.08, 1.0)
CROPPED_ASPECT: Final = (3 / 4, 4 / 3)


def augment(name: str, image_BKHW: Tensor, noise: Noise) -> Tensor:
    """Images [B, K, H, W] centered at 0 to images of the same shape; ``name`` may be ``none``."""
    return image_BKHW if name == "none" else _AUGMENTATIONS[name](image_BKHW, noise)


def shift(image_BKHW: Tensor, noise: Noise, pixels: int) -> Tensor:
    """Move by up to ``pixels`` along each axis; what comes in repeats the border."""
    batch, _, height, width = image_BKHW.shape
    draw_2B = noise.uniform((2, batch), image_BKHW)
    move_2B1 = ((draw_2B * (2 * pixels + 1)).floor() - pixels).long().unsqueeze(-1)
    axis = partial(torch.arange, device=image_BKHW.device)
    rows_BH = (axis(height) + move_2B1[0]).clamp(0, height - 1)
    columns_BW = (axis(width) + move_2B1[1]).clamp(0, width - 1)
    moved_BHWK = image_BKHW.movedim(1, -1)[
        axis(batch)[:, None, None], rows_BH.unsqueeze(2), columns_BW.unsqueeze(1)
    ]
    return moved_BHWK.movedim(-1, 1)


def flip(image_BKHW: Tensor, noise: Noise) -> Tensor:
    """Mirror every other image, left to right."""
    draw_B = noise.uniform((len(image_BKHW),), image_BKHW)
    return torch.where(_images(draw_B < 0.5), image_BKHW.flip(-1), image_BKHW)


def scale(image_BKHW: Tensor, noise: Noise) -> Tensor:
    """Cut out a box of random area and aspect and blow it up to the whole, bilinearly."""
    draw_4B = noise.uniform((4, len(image_BKHW)), image_BKHW)
    area_B = _between(CROPPED_AREA, draw_4B[0])
    root_B = _log_between(CROPPED_ASPECT, draw_4B[1]).sqrt()
    size_2B = torch.stack([area_B.sqrt() * root_B, area_B.sqrt() / root_B]).clamp(max=1)
    center_2B = (1 - size_2B) * (2 * draw_4B[2:] - 1)  # of a box of half sizes, in [-1, 1]
    zero_B = torch.zeros_like(area_B)
    across_B3 = torch.stack([size_2B[0], zero_B, center_2B[0]], -1)
    down_B3 = torch.stack([zero_B, size_2B[1], center_2B[1]], -1)
    grid = functional.affine_grid(
        torch.stack([across_B3, down_B3], 1), list(image_BKHW.shape), align_corners=False
    )
    return functional.grid_sample(image_BKHW, grid, padding_mode="border", align_corners=False)


def erase(image_BKHW: Tensor, noise: Noise) -> Tensor:
    """Make a box of random area and aspect grey in every other image."""
    batch, _, height, width = image_BKHW.shape
    draw_6B1 = noise.uniform((6, batch, 1), image_BKHW)
    area_B1 = _between(ERASED_AREA, draw_6B1[0]) * height * width
    # tall and wide boxes are equally likely, as the reference has them
    tall_B1 = _between((ERASED_ASPECT[0], 1.0), draw_6B1[1])
    wide_B1 = _between((1.0, ERASED_ASPECT[1]), draw_6B1[1])
    aspect_B1 = torch.where(draw_6B1[2] < 0.5, tall_B1, wide_B1)
    rows_BH = _span(height, (area_B1 * aspect_B1).sqrt(), draw_6B1[3])
    columns_BW = _span(width, (area_B1 / aspect_B1).sqrt(), draw_6B1[4])
    box_BHW = rows_BH.unsqueeze(2) & columns_BW.unsqueeze(1) & (draw_6B1[5] < 0.5).unsqueeze(-1)
    return image_BKHW.masked_fill(box_BHW.unsqueeze(1), 0.0)


def _span(size: int, length_B1: Tensor, draw_B1: Tensor) -> Tensor:
    """Whole pixels of an axis in a stretch of about this length, anywhere: [B, size]."""
    length_B1 = length_B1.round().clamp(1, size)
    start_B1 = (draw_B1 * (size - length_B1 + 1)).floor()
    pixel = torch.arange(size, device=length_B1.device)
    return (pixel >= start_B1) & (pixel < start_B1 + length_B1)


def _between(limits: tuple[float, float], draw: Tensor) -> Tensor:
    return limits[0] + (limits[1] - limits[0]) * draw


def _log_between(limits: tuple[float, float], draw: Tensor) -> Tensor:
    return limits[0] * (limits[1] / limits[0]) ** draw


def _images(x_B: Tensor) -> Tensor:
    return x_B.reshape(-1, 1, 1, 1)


_AUGMENTATIONS: Final[Mapping[str, Augmentation]] = {
    "shift": partial(shift, pixels=8),
    "shift4": partial(shift, pixels=4),
    "flip": flip,
    "scale": scale,
    "erasing": erase,
}
