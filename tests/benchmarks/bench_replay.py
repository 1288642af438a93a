"""How many batches a second the replay draws, and how many episodes it takes.

``python tests/benchmarks/bench_replay.py [ROUNDS]``. Episodes are of 500 decisions at 64x64, on the
disk of the temporary folder; they were just written, so reads come from the system's cache.
"""

from __future__ import annotations

import tempfile
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
from machine import rate, report, rounds, take_turns

from wmframe.data.replay import Replay
from wmframe.types import Episode

EPISODES, DECISIONS = 40, 500
SECONDS = 0.5
"""Of a round of one case."""


def episode(number: int, rng: np.random.Generator) -> Episode:
    """Noise; its last row is the last of the episode."""
    rows = DECISIONS + 1
    flags = {name: np.zeros(rows, bool) for name in ("is_first", "is_last", "is_terminal")}
    flags["is_first"][0] = flags["is_last"][-1] = True
    data = {
        "image": rng.integers(256, size=(rows, 64, 64, 3), dtype=np.uint8),
        "action": rng.random((rows, 4), np.float32),
        "reward": rng.random(rows, np.float32),
        **flags,
    }
    return Episode(0, number, data, {"success": 1.0})


def main() -> None:
    """Print a line for two sizes of batches, and one for adding."""
    rng, numbers = np.random.default_rng(0), count()
    with tempfile.TemporaryDirectory() as folder:
        replay = Replay(Path(folder), capacity=EPISODES * DECISIONS)
        for _ in range(EPISODES):
            replay.add(episode(next(numbers), rng))
        sizes = {
            f"sample {batch}x{length}": (batch, length) for batch, length in [(16, 50), (50, 50)]
        }
        cases = {
            name: partial(rate, partial(replay.sample, *size), SECONDS)
            for name, size in sizes.items()
        }
        for name, figures in take_turns(cases, rounds(10)):
            report(name, "batches/s", figures, episodes=replay.episodes)
        made = episode(next(numbers), rng)
        adding = {"add": partial(rate, lambda: replay.add(made), SECONDS)}
        for name, figures in take_turns(adding, rounds(10)):
            report(name, "episodes/s", figures, episodes=replay.episodes)


if __name__ == "__main__":
    main()
