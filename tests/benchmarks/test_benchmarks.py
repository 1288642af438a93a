"""What is measured outside the package: the start of the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_the_script_prints_a_line_for_each_of_its_cases():
    command = [sys.executable, str(HERE / "bench_cli.py"), "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["case"] for line in lines] == ["import typer, rich.table", "wmframe list-plugins"]
    assert all(line["bench"] == "cli" and line["median"] > 0 for line in lines)
