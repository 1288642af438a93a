"""Which observations a network deals with, by regular expressions over their keys."""

from __future__ import annotations

import math
import re

from wmframe.errors import UsageError
from wmframe.types import ObsSpec


class Keys:
    """The images and vectors of an observation that match, in the order of the suite's keys.

    Args:
        obs: what the suite observes; images are [H, W, C], vectors [D] or scalars.
        image_keys: regular expression that has to match the whole of a key.
        vector_keys: likewise.

    Raises:
        UsageError: nothing matches, or the images differ in size.
    """

    def __init__(self, obs: ObsSpec, image_keys: str, vector_keys: str) -> None:
        self.images = {k: s.shape for k, s in obs.items() if _is(3, s.shape, image_keys, k)}
        self.vectors = {k: s.shape for k, s in obs.items() if _is(1, s.shape, vector_keys, k)}
        if not self.images and not self.vectors:
            hint = "change image_keys or vector_keys; the suite observes " + ", ".join(
                f"{key} {spec.shape}" for key, spec in obs.items()
            )
            raise UsageError(f"no observation matches {image_keys!r} or {vector_keys!r}", hint)
        if len({shape[:2] for shape in self.images.values()}) > 1:
            raise UsageError(f"images differ in size: {self.images}", "name fewer in image_keys")

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of each image."""
        return tuple(shape[2] for shape in self.images.values())

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images."""
        height, width, _ = next(iter(self.images.values()))
        return height, width

    @property
    def vector_dim(self) -> int:
        """Entries of all vectors together."""
        return sum(math.prod(shape) for shape in self.vectors.values())


def _is(rank: int, shape: tuple[int, ...], pattern: str, key: str) -> bool:
    fits = len(shape) == 3 if rank == 3 else len(shape) <= 1
    return fits and re.fullmatch(pattern, key) is not None
