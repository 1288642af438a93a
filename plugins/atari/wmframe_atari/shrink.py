"""Shrinks pictures by area interpolation, as OpenCV's ``INTER_AREA``, which the reference uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class AreaShrink:
    """Each pixel of the small picture is the mean of what it covers, parts of pixels included.

    Overlaps are counted in whole parts of a pixel, so every sum is an integer below 2**24, which
    float32 holds exactly: the result does not depend on the order of summation.

    Args:
        height: of the large pictures, in pixels.
        width: of the large pictures.
        size: side of the small ones, no larger than either.
    """

    def __init__(self, height: int, width: int, size: int) -> None:
        self._rows = overlaps(height, size)
        self._columns = np.ascontiguousarray(overlaps(width, size).T)
        self._area = np.float32(height * width)

    def __call__(self, image_HWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Shrink uint8 [H, W, C] to [size, size, C]."""
        planes_CHW = np.ascontiguousarray(np.moveaxis(image_HWC, -1, 0), np.float32)
        means = self._rows @ planes_CHW @ self._columns / self._area  # [C, size, size]
        return np.ascontiguousarray(np.moveaxis(np.rint(means), 0, -1), np.uint8)


def overlaps(length: int, size: int) -> NDArray[np.float32]:
    """How much of each old pixel each new one covers, [size, length], in 1/size of an old one."""
    starts = np.arange(size)[:, None] * length  # of the new pixels; each is `length` parts long
    pixels = np.arange(length)[None] * size
    common = np.minimum(starts + length, pixels + size) - np.maximum(starts, pixels)
    covered: NDArray[np.float32] = np.maximum(common, 0).astype(np.float32)
    return covered
