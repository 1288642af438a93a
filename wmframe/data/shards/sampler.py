"""The clip sampler.

Sample n is a function of only the seed and n: it comes from block n of a counter-based Philox
generator (Salmon et al. 2011). So a run resumes from a number, and the sequence is the same for any
number of workers and ranks. The distribution is that of Seo et al. (2022): a dataset by weight,
uniformly one of its videos of any length, a uniform start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from wmframe.data.shards.shard_set import ShardSet
from wmframe.errors import UsageError

WORDS: Final = 4
"""64-bit words of a Philox block, the limit of one sample."""


class Draws(NamedTuple):
    """Windows, each array [N]: which set, which of its clips, and the first frame."""

    sets: np.ndarray
    clips: np.ndarray
    starts: np.ndarray


class ClipSampler:
    """Samples windows of ``length`` frames from sets of clips; shorter clips are never sampled.

    Args:
        sets: where to draw from.
        weights: relative probability of each set; None for equal ones.
        length: frames of a window.
        seed: of any size.

    Raises:
        UsageError: the weights do not fit, or a set has no clip of that length.
    """

    def __init__(
        self, sets: Sequence[ShardSet], weights: Sequence[float] | None, length: int, seed: int
    ) -> None:
        self.length = length
        self._seed = seed % 2**64
        self._usable = [np.flatnonzero(one.frames >= length) for one in sets]
        self._frames = [one.frames[usable] for one, usable in zip(sets, self._usable, strict=True)]
        shares = np.ones(len(sets)) if weights is None else np.asarray(weights, float)
        if shares.shape != (len(sets),) or (shares < 0).any() or not shares.sum() > 0:
            raise UsageError(
                f"{len(sets)} datasets have the weights {weights}",
                "give each a weight of 0 or more, and not all 0",
            )
        self._bounds = np.cumsum(shares / shares.sum())[:-1]
        for one, usable, share in zip(sets, self._usable, shares, strict=True):
            if share > 0 and not len(usable):
                longest = int(one.frames.max(initial=0))
                message = f"no clip in {one.folder} has {length} frames; the longest has {longest}"
                raise UsageError(message, "choose a smaller length, or other videos")

    def draw(self, first: int, count: int, attempt: int = 0) -> Draws:
        """Draws ``first`` to ``first + count``.

        Args:
            first: number of the first draw, from 0 on.
            count: how many.
            attempt: another number gives other draws, for those that could not be read.
        """
        words = np.random.Philox(key=self._seed + (attempt << 64), counter=first)
        uniform_NW = (words.random_raw(WORDS * count) >> 11).reshape(count, WORDS) * 2.0**-53
        sets = np.searchsorted(self._bounds, uniform_NW[:, 0], side="right")
        clips, starts = np.empty_like(sets), np.empty_like(sets)
        for which in np.unique(sets):
            rows, usable, frames = sets == which, self._usable[which], self._frames[which]
            drawn = (uniform_NW[rows, 1] * len(usable)).astype(np.int64)
            clips[rows] = usable[drawn]
            starts[rows] = (uniform_NW[rows, 2] * (frames[drawn] - self.length + 1)).astype(int)
        return Draws(sets, clips, starts)
