"""``wmframe bench data``, its replay: windows drawn a second, and steps taken in a second.

Episodes are of 500 decisions at 64x64 pixels, on the disk of the temporary folder; they were just
written, so reads come from the system's cache.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from wmframe.bench.figures import Line, line, rate, rounded, take_turns
from wmframe.bench.memory import resident_peak
from wmframe.data.replay import Replay
from wmframe.types import Episode

STEPS: Final = 20_000
"""That the replay holds."""

DECISIONS: Final = 500
"""Of an episode."""

MADE: Final = 40
"""Different episodes; they come again and again."""

SIZES: Final = ((16, 50), (50, 50))
"""Windows and steps of the batches that are drawn."""

SECONDS: Final = 0.5
"""Of a round of one case."""


def measure_replay(rounds: int, steps: int = STEPS) -> Iterator[Line]:
    """A line for drawing batches of each size, and one for adding episodes.

    Each says how large the process has been, in MiB.

    Args:
        rounds: measurements of each, interleaved.
        steps: decisions that the replay holds; 12 KiB of disk each.
    """
    rng = np.random.default_rng(0)
    made = [noise(number, rng) for number in range(min(MADE, -(-steps // DECISIONS)))]
    with tempfile.TemporaryDirectory(prefix="wmframe-bench-") as folder:
        replay = Replay(Path(folder), capacity=steps)
        for number in range(-(-steps // DECISIONS)):
            replay.add(made[number % len(made)])
        drawing = {f"replay sample {b}x{t}": partial(draw, replay, b, t) for b, t in SIZES}
        for name, figures in take_turns(drawing, rounds):
            yield line("data", name, "batches/s", figures, **facts(replay))
        adding = {"replay insert": partial(insert, replay, made[0])}
        for name, figures in take_turns(adding, rounds):
            yield line("data", name, "steps/s", figures, **facts(replay))


def facts(replay: Replay) -> dict[str, Any]:
    """What the replay holds, and how large the process has been."""
    peak = {"process": rounded(resident_peak())}
    return {"episodes": replay.episodes, "steps": replay.steps, "memory_mib": peak}


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
