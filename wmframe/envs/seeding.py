"""One seed per episode, independent of the number of simulators and processes."""

from __future__ import annotations

import numpy as np


def episode_seed(seed: int, simulator: int, episode: int) -> int:
    """The seed (below 2**32) of the ``episode``-th episode of the ``simulator``-th simulator."""
    return int(np.random.SeedSequence([seed, simulator, episode]).generate_state(1)[0])
