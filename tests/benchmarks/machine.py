"""What the benchmarks share: rounds that take turns, and a JSON line a case with the machine."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np


def rounds(default: int) -> int:
    """How often every case is measured: the first word on the command line."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else default


def take_turns(
    cases: Mapping[str, Callable[[], float]], rounds: int
) -> Iterator[tuple[str, list[float]]]:
    """The figures of every case; they take turns, so that a slow spell hits all alike."""
    figures: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, measure in cases.items():
            figures[name].append(measure())
    yield from figures.items()


def rate(work: Callable[[], object], seconds: float) -> float:
    """How often a second ``work`` is done, measured for about so many seconds."""
    begun, times = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds:
        work()
        times += 1
    return times / spent


def report(case: str, unit: str, figures: list[float], **about: object) -> None:
    """Print one case as a JSON line: median and quartiles, what it is ``about``, the machine."""
    low, median, high = np.percentile(figures, (25, 50, 75)).round(3).tolist()
    line = {
        "case": case,
        "unit": unit,
        "median": median,
        "quartiles": [low, high],
        "rounds": len(figures),
        **about,
        **machine(),
    }
    print(json.dumps(line), flush=True)


def machine() -> dict[str, object]:
    """Processor, cores that this process may use, and torch."""
    return {"cpu": cpu_model(), "cores": usable_cores(), "torch": version("torch")}


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_model() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
