"""Pictures of skies and floors out of value noise, for who has not downloaded the photographs.

Every number comes from a legacy NumPy generator, whose stream never changes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SKY_SIZE: Final = 256
FLOOR_SIZE: Final = 128

Array = NDArray[np.float64]


def sky(number: int) -> NDArray[np.uint8]:
    """Clouds over hills, uint8 [256, 256, 3]; the same for the same number everywhere."""
    rng = np.random.RandomState(number)
    zenith, horizon, cloud, land = rng.uniform(0, 255, (4, 3))
    height_H11 = np.linspace(0, 1, SKY_SIZE)[:, None, None]
    picture_HWC = zenith + (horizon - zenith) * height_H11
    clouds_HW1 = _contrast(fractal(rng, SKY_SIZE, cells=int(rng.randint(3, 7))))[..., None]
    picture_HWC = picture_HWC + (cloud - picture_HWC) * clouds_HW1 * (1 - 0.7 * height_H11)
    ridge_W = 0.55 + 0.25 * fractal(rng, SKY_SIZE, cells=int(rng.randint(2, 6)))[0]
    shade_HW1 = 0.5 + 0.5 * fractal(rng, SKY_SIZE, cells=16)[..., None]
    return _bytes(np.where(height_H11 > ridge_W[None, :, None], land * shade_HW1, picture_HWC))


def floor(number: int) -> NDArray[np.uint8]:
    """A rough surface that tiles without a seam, uint8 [128, 128, 3]."""
    rng = np.random.RandomState(1000 + number)
    low, high = rng.uniform(0, 255, (2, 3))
    rough_HW1 = fractal(rng, FLOOR_SIZE, cells=int(rng.randint(2, 17)))[..., None]
    grain_HW1 = rng.normal(0, rng.uniform(2, 12), (FLOOR_SIZE, FLOOR_SIZE, 1))
    return _bytes(low + (high - low) * _contrast(rough_HW1) + grain_HW1)


def fractal(rng: np.random.RandomState, size: int, cells: int, octaves: int = 4) -> Array:
    """Noise [size, size] in [0, 1]: octaves of half the amplitude and twice the cells each."""
    weights = 0.5 ** np.arange(octaves)
    layers = [value_noise(rng, size, cells * 2**octave) for octave in range(octaves)]
    return np.asarray(np.tensordot(weights / weights.sum(), np.stack(layers), 1))


def value_noise(rng: np.random.RandomState, size: int, cells: int) -> Array:
    """Random values on a grid of cells x cells, smoothly between them; [size, size], tiles."""
    values = rng.random_sample((cells, cells))
    place = np.arange(size) * cells / size
    before = place.astype(int)
    after, part = (before + 1) % cells, place - before
    part = part * part * (3 - 2 * part)
    rows = values[before] * (1 - part)[:, None] + values[after] * part[:, None]
    return np.asarray(rows[:, before] * (1 - part) + rows[:, after] * part)


def _contrast(noise: Array) -> Array:
    """Noise gathers about its middle: spread the middle over the whole range."""
    return np.clip((noise - 0.3) / 0.4, 0, 1)


def _bytes(picture: Array) -> NDArray[np.uint8]:
    return np.clip(picture, 0, 255).astype(np.uint8)
