"""``wmframe bench data``, its replay: windows drawn a second, and steps taken in a second.

Episodes are of 500 decisions at 64x64 pixels, on the disk of the temporary folder; they were just
written, so reads come from the system's cache.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

import numpy as np

from wmframe.bench.figures import Line, line, rate, take_turns
from wmframe.data.replay import Replay
from wmframe.types import Episode

EPISODES: Final = 40
DECISIONS: Final = 500
SIZES: Final = ((16, 50), (50, 50))
"""Windows and steps of the batches that are drawn."""

SECONDS: Final = 0.5
"""Of a round of one case."""


def measure_replay(rounds: int) -> Iterator[Line]:
    """A line for drawing batches of each size, and one for adding episodes."""
    rng, numbers = np.random.default_rng(0), count()
    with tempfile.TemporaryDirectory(prefix="wmframe-bench-") as folder:
        replay = Replay(Path(folder), capacity=EPISODES * DECISIONS)
        for _ in range(EPISODES):
            replay.add(noise(next(numbers), rng))
        drawing = {f"replay sample {b}x{t}": partial(draw, replay, b, t) for b, t in SIZES}
        for name, figures in take_turns(drawing, rounds):
            yield line("data", name, "batches/s", figures, episodes=replay.episodes)
        made = noise(next(numbers), rng)
        adding = {"replay insert": partial(insert, replay, made)}
        for name, figures in take_turns(adding, rounds):
            yield line("data", name, "steps/s", figures, episodes=replay.episodes)


def draw(replay: Replay, batch: int, length: int) -> Iterable[float]:
    """Batches a second of one round."""
    return [rate(lambda: replay.sample(batch, length), SECONDS)]


def insert(replay: Replay, episode: Episode) -> Iterable[float]:
    """Steps a second of one round."""
    return [DECISIONS * rate(lambda: replay.add(episode), SECONDS)]


def noise(number: int, rng: np.random.Generator) -> Episode:
    """An episode of noise; its last row is the last of the episode."""
    rows = DECISIONS + 1
    flags = {name: np.zeros(rows, bool) for name in ("is_first", "is_last", "is_terminal")}
    flags["is_first"][0] = flags["is_last"][-1] = True
    data: dict[str, np.ndarray] = {
        "image": rng.integers(256, size=(rows, 64, 64, 3), dtype=np.uint8),
        "action": rng.random((rows, 4), np.float32),
        "reward": rng.random(rows, np.float32),
        **flags,
    }
    return Episode(0, number, data, {"success": 1.0})
