"""``wmframe bench e2e``: how long a whole run takes, and what it waits for."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from wmframe.bench.figures import Line, line, rounded
from wmframe.errors import WmframeError
from wmframe.json_files import parse_json, read_json
from wmframe.recipe import load_recipe
from wmframe.stages.plan import LOCK
from wmframe.tracking.jsonl import FILE

SHARE: Final = "time/share_"
TRACKERS: Final = 'trackers=[{ use = "jsonl" }]'
PROGRAM: Final = "from wmframe.cli import main; main()"
RUN: Final = "run"
TAIL: Final = 2000
"""Characters of a failed run's output that are shown."""


def measure_run(
    path: Path, profile: str | None, overrides: Sequence[str], rounds: int
) -> Iterator[Line]:
    """A line for the whole run, and one for each stage that recorded shares of its time.

    Args:
        path: the recipe, or the name of one that comes with wmframe.
        profile: of the recipe.
        overrides: as ``--set`` has them.
        rounds: number of runs, each from scratch.

    Raises:
        WmframeError: the run failed.
    """
    recipe = load_recipe(path, profile, overrides)
    names = [name for name, _ in recipe.stages]
    walls: list[float] = []
    computed: dict[str, Any] = {}
    stages: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="wmframe-bench-") as folder:
            walls.append(run_once(path, profile, overrides, Path(folder)))
            run = Path(folder) / RUN
            computed = read_json(run / LOCK, dict[str, Any])["device"]
            for name in names:
                stages[name].append(stage_times(run / name / FILE))
    case = f"{recipe.name}{f':{profile}' if profile else ''}"
    made = line("e2e", case, "s", walls, overrides=list(overrides))
    made["machine"] |= {
        "device": computed["device"],
        "device_name": computed["name"],
        "threads": computed["threads"],
    }
    yield made
    for name, found in stages.items():
        if all(found):
            middle = sorted(found, key=lambda times: times["seconds"])[len(found) // 2]
            seconds = [times["seconds"] for times in found]
            own = line("e2e", f"{case} {name}", "s", seconds, **as_shares(middle))
            yield {**made, **own, "machine": made["machine"]}


def run_once(path: Path, profile: str | None, overrides: Sequence[str], runs: Path) -> float:
    """Run a recipe in a process of its own; the seconds it took, its start included."""
    words = ["run", str(path), "--runs", str(runs), "--name", RUN, "--set", TRACKERS]
    words += [word for text in overrides for word in ("--set", text)]
    words += ["--profile", profile] if profile else []
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout)[-TAIL:].strip()
        raise WmframeError(f"the run failed:\n{said}", "see that wmframe run works first")
    return time.perf_counter() - begun


def stage_times(metrics: Path) -> dict[str, float]:
    """Seconds that a stage's records cover, and what went to each section; empty without shares.

    A record's shares are of the time since the record before it; the first one's began with the
    stage and is left out with its time.
    """
    if not metrics.exists():
        return {}
    records = [parse_json(text, dict[str, Any]) for text in metrics.read_text().splitlines()]
    logged = [record for record in records if any(key.startswith(SHARE) for key in record)]
    times: defaultdict[str, float] = defaultdict(float)
    for before, record in pairwise(logged):
        spent = record["time"] - before["time"]
        times["seconds"] += spent
        for key, share in record.items():
            if key.startswith(SHARE):
                times[key.removeprefix(SHARE)] += share * spent
    return dict(times)


def as_shares(times: dict[str, float]) -> dict[str, Any]:
    """Parts of the time, each section's."""
    seconds = times["seconds"]
    parts = {name: spent / seconds for name, spent in times.items() if name != "seconds"}
    return {"shares": {name: rounded(part) for name, part in parts.items()}}
