"""How long ``wmframe list-plugins`` takes beside importing what any such command line needs.

``python tests/benchmarks/bench_cli.py [ROUNDS]`` runs both in turn, in new processes each time,
and prints medians. The ratio is to stay below 1.5.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "import typer, rich.table": "import typer, rich.table",
    "wmframe list-plugins": "from wmframe.cli import main; main(['list-plugins'])",
}


def seconds(code: str) -> float:
    """Wall time of a new Python process that runs ``code``."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def medians(rounds: int) -> dict[str, float]:
    """The median time of each command; they take turns, so a slow spell hits both."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, code in COMMANDS.items():
            times[name].append(seconds(code))
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Print the medians and their ratio."""
    base, ours = medians(int(sys.argv[1]) if len(sys.argv) > 1 else 20).values()
    for name, value in zip(COMMANDS, (base, ours), strict=True):
        print(f"{name:28} {1e3 * value:6.1f} ms")
    print(f"{'ratio (at most 1.5)':28} {ours / base:6.2f}")


if __name__ == "__main__":
    main()
