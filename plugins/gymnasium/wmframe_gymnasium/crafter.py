"""Crafter (Hafner 2021), made deterministic for a seed.

Crafter 1.8.3 keeps the creatures of a chunk of its world in a set, and draws the one to remove by
its place in it. That place is the order of memory addresses, so the same seed and actions give
another episode in another process. Ordered sets fix that; the distribution of
episodes stays the same.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any


class OrderedSet(dict[Any, None]):
    """The part of a set that Crafter uses, in the order of insertion."""

    def add(self, item: Any) -> None:
        """Insert an item."""
        self[item] = None

    def remove(self, item: Any) -> None:
        """Take an item out."""
        del self[item]


def mend(env: Any) -> None:
    """Make an environment's world keep its creatures in order from its next reset on."""
    world = env._world
    world.reset = partial(_reset, world, world.reset)


def _reset(world: Any, original: Any, seed: int | None = None) -> None:
    original(seed=seed)
    world._chunks = defaultdict(OrderedSet)
