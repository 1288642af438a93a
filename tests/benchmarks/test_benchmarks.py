"""The benchmarks measure and say on what."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MACHINE = runpy.run_path(str(HERE / "machine.py"))


def test_cases_take_turns():
    calls = []
    cases = {name: lambda name=name: calls.append(name) or float(len(calls)) for name in "ab"}
    assert dict(MACHINE["take_turns"](cases, 2)) == {"a": [1.0, 3.0], "b": [2.0, 4.0]}
    assert calls == ["a", "b", "a", "b"]


def test_a_rate_counts_what_was_done_in_the_time_it_took():
    times = []
    rate = MACHINE["rate"](lambda: times.append(1), 0.01)
    assert 0 < rate <= len(times) / 0.01


@pytest.mark.parametrize("figures", [[2.0], [1.0, 2.0, 3.0]])
def test_a_case_is_one_line_with_median_quartiles_and_machine(capsys, figures):
    MACHINE["report"]("draw", "batches/s", figures, threads=1)
    line = json.loads(capsys.readouterr().out)
    assert (line["median"], line["rounds"], line["threads"]) == (2.0, len(figures), 1)
    assert line["quartiles"][0] <= 2.0 <= line["quartiles"][1]
    assert line["cpu"]
    assert line["cores"] >= 1


def test_a_script_prints_a_line_for_each_of_its_cases():
    command = [sys.executable, str(HERE / "bench_cli.py"), "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cases = [json.loads(line)["case"] for line in done.stdout.splitlines()]
    assert cases == ["import typer, rich.table", "wmframe list-plugins"]
