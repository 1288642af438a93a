"""The square crop around a person of ContextWM's ``build_clip_dataset.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from wmframe.data.decoding import resize
from wmframe.data.pictures import read_picture
from wmframe.errors import DamagedError

PADDING: Final = 200
"""Pixels that the square is wider than the joints' box, both margins together."""

FRAME_SIZE: Final = 1000
"""Side of a frame in pixels; the square lies within this."""


class Box(NamedTuple):
    """Part of a picture, in pixels: ``left <= x < right``, ``top <= y < bottom``."""

    left: int
    top: int
    right: int
    bottom: int


def crop_box(joints_J2: np.ndarray) -> Box:
    """The part of a frame around joints, [J, 2] in pixels.

    The joints' box is rounded outwards; the side is its longer one and 200, at most 1000. The
    square is centred on the box and shifted back inside the frame.

    Raises:
        DamagedError: a joint is nowhere.
    """
    if not joints_J2.size or not np.isfinite(joints_J2).all():
        raise DamagedError("its annotation has joints without a place")
    low_2, high_2 = np.floor(joints_J2.min(0)), np.ceil(joints_J2.max(0))
    side = min((high_2 - low_2).max() + PADDING, FRAME_SIZE)
    center_2 = (low_2 + high_2) / 2
    # Towards zero as in the reference, so that a side which cuts a pixel there loses one.
    corners_22 = np.trunc([center_2 - side / 2, center_2 + side / 2])
    corners_22 += np.maximum(-corners_22[0], 0)
    corners_22 -= np.maximum(corners_22[1] - FRAME_SIZE, 0)
    return Box(*corners_22.ravel().astype(int).tolist())


def read_crop(path: Path, box: Box, size: int) -> np.ndarray:
    """Part of an image file, uint8 [size, size, 3].

    Raises:
        DamagedError: it cannot be decoded, or is smaller than the frames of the publisher.
    """
    frame_HWC = read_picture(path)
    height, width, _ = frame_HWC.shape
    if width < box.right or height < box.bottom:
        raise DamagedError(
            f"{path.name} has {width}x{height} pixels, not "
            f"{FRAME_SIZE}x{FRAME_SIZE}: was it cropped already (cropped = true)?"
        )
    return resize(frame_HWC[box.top : box.bottom, box.left : box.right], size)
