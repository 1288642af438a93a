"""Which windows of which episodes a batch consists of.

The distribution is that of the replay of Hafner et al. (2020), drawn for a whole batch at
once: an episode uniformly, a length, then a start. Successive sequences form one endless stream of
rows, which is cut into chunks of the length that the learner asks for.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np


@attrs.define
class SequenceSampler:
    """Draws sequences of rows out of episodes.

    Attributes:
        min_length: the shortest sequence.
        max_length: the longest. Where it is larger than ``min_length``, lengths vary, so that
            chunks do not all end together.
        prioritize_ends: let ``min_length`` more starts fall on the last one, so that the end of an
            episode, often where the reward is, is drawn more often.
        generator: the only source of chance.
    """

    min_length: int
    max_length: int
    prioritize_ends: bool
    generator: np.random.Generator
    _pending: tuple[int, int] = (0, 0)  # position and rows left of the sequence cut last

    def rows(
        self, starts_E: np.ndarray, lengths_E: np.ndarray, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """The next rows of the stream.

        Args:
            starts_E: position of each episode's first row.
            lengths_E: rows of each episode, none below ``min_length``.
            count: how many rows to draw.

        Returns:
            positions [count] and whether a sequence begins there [count].
        """
        firsts, sizes = self._resume(starts_E, lengths_E)
        longest = min(self.max_length, int(lengths_E.max()))
        while (missing := count - int(sizes.sum())) > 0:
            more_firsts, more_sizes = self._draw(starts_E, lengths_E, -(-missing // longest))
            firsts = np.concatenate([firsts, more_firsts])
            sizes = np.concatenate([sizes, more_sizes])
        offsets = np.cumsum(sizes) - sizes  # where in the stream each sequence begins
        rows = np.repeat(firsts - offsets, sizes) + np.arange(sizes.sum())
        left = len(rows) - count  # only ever of the last sequence, see the division above
        self._pending = (int(rows[-1]) + 1 - left, left)
        begins = np.zeros(count, bool)
        begins[offsets] = True
        return rows[:count], begins

    def _resume(self, starts_E: np.ndarray, lengths_E: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the last call left over, unless its episode is gone."""
        position, left = self._pending
        held = (starts_E <= position) & (position < starts_E + lengths_E)
        keep = int(left > 0 and held.any())
        return np.array([position][:keep], np.int64), np.array([left][:keep], np.int64)

    def _draw(
        self, starts_E: np.ndarray, lengths_E: np.ndarray, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """First positions and sizes of ``count`` sequences."""
        chosen = self.generator.integers(len(starts_E), size=count)
        totals = lengths_E[chosen]
        cuts = self.generator.integers(self.min_length, size=count)
        sizes = np.maximum(np.minimum(totals, self.max_length) - cuts, self.min_length)
        last = totals - sizes
        extra = self.min_length if self.prioritize_ends else 0
        firsts = np.minimum(self.generator.integers(last + 1 + extra), last)
        return starts_E[chosen] + firsts, sizes

    def begin(self, generator: np.random.Generator) -> None:
        """Restart with a different random generator."""
        self.generator, self._pending = generator, (0, 0)

    def state(self) -> dict[str, Any]:
        """State for :meth:`restore`, to continue with the same rows."""
        return {"generator": self.generator.bit_generator.state, "pending": self._pending}

    def restore(self, state: dict[str, Any]) -> None:
        """Resume from :meth:`state`."""
        self.generator.bit_generator.state = state["generator"]
        position, left = state["pending"]
        self._pending = (int(position), int(left))
