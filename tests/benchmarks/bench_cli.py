"""How long ``wmframe list-plugins`` takes beside importing what any such command line needs.

``python tests/benchmarks/bench_cli.py [ROUNDS]`` runs both in turn, in new processes each time. The
ratio of the medians is to stay below 1.5.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from functools import partial

from wmframe.bench.figures import line, take_turns

CODE = {
    "import typer, rich.table": "import typer, rich.table",
    "wmframe list-plugins": "from wmframe.cli import main; main(['list-plugins'])",
}


def milliseconds(code: str) -> list[float]:
    """Wall time of a new Python process that runs ``code``."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    return [1e3 * (time.perf_counter() - begun)]


def main() -> None:
    """Print a line for each."""
    cases = {name: partial(milliseconds, code) for name, code in CODE.items()}
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for name, figures in take_turns(cases, rounds):
        print(json.dumps(line("cli", name, "ms", figures)), flush=True)


if __name__ == "__main__":
    main()
