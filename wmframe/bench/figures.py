"""Rounds that take turns, what is said of their figures, and on which machine."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from wmframe.distributions import version_of
from wmframe.stages.plan import git_state

DIGITS: Final = 4
"""Significant digits of a figure."""

Line = dict[str, Any]
"""One case as it is written: see docs/benchmarks.md."""


def take_turns(
    cases: Mapping[str, Callable[[], Iterable[float]]], rounds: int
) -> Iterator[tuple[str, list[float]]]:
    """The figures of every case; cases take turns, so that a slow spell hits all alike."""
    figures: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, measure in cases.items():
            figures[name].extend(measure())
    yield from figures.items()


def rate(work: Callable[[], object], seconds: float) -> float:
    """How often a second ``work`` is done, measured for about so many seconds."""
    begun, times = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds:
        work()
        times += 1
    return times / spent


def line(bench: str, case: str, unit: str, figures: Sequence[float], **about: Any) -> Line:
    """A case: median and quartiles of its figures, what it is ``about``, machine and versions."""
    low, median, high = np.percentile(figures, (25, 50, 75))
    return {
        "bench": bench,
        "case": case,
        "unit": unit,
        "median": rounded(median),
        "quartiles": [rounded(low), rounded(high)],
        "figures": len(figures),
        **about,
        "machine": machine(),
        "versions": versions(),
    }


def rounded(value: float) -> float:
    """With so many digits as mean something."""
    return float(f"{value:.{DIGITS}g}")


def spread(values: Sequence[float], scale: float = 1.0) -> dict[str, float]:
    """Median and 95th percentile of times, scaled."""
    median, high = np.percentile(values, (50, 95)) * scale
    return {"median": rounded(median), "p95": rounded(high)}


def machine() -> dict[str, Any]:
    """Processor and cores that this process may use."""
    return {"cpu": cpu_model(), "cores": usable_cores(), "system": platform.system()}


def versions() -> dict[str, str]:
    """What was measured, and what it depends on; a commit with changes ends in ``+``."""
    found = {name: version_of(name) for name in ("wmframe", "torch", "numpy")}
    git = git_state() or {"commit": "none", "diff": ""}
    commit = git["commit"][:12] + ("+" if git["diff"] else "")
    return {**found, "python": platform.python_version(), "commit": commit}


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_model() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
