"""Rounds take turns, and a line says what was measured on what."""

from __future__ import annotations

import json

import pytest

from wmframe.bench.figures import line, rate, rounded, spread, take_turns


def test_cases_take_turns():
    calls = []
    cases = {name: lambda name=name: calls.append(name) or [len(calls)] for name in "ab"}
    assert dict(take_turns(cases, 2)) == {"a": [1, 3], "b": [2, 4]}
    assert calls == ["a", "b", "a", "b"]


def test_a_rate_counts_what_was_done_in_the_time_it_took():
    times = []
    found = rate(lambda: times.append(1), 0.01)
    assert 0 < found <= len(times) / 0.01


@pytest.mark.parametrize("figures", [[2.0], [1.0, 2.0, 3.0]])
def test_a_line_holds_median_quartiles_and_machine(figures):
    made = json.loads(json.dumps(line("data", "draw", "batches/s", figures, episodes=3)))
    assert (made["bench"], made["case"], made["unit"]) == ("data", "draw", "batches/s")
    assert (made["median"], made["figures"], made["episodes"]) == (2.0, len(figures), 3)
    assert made["quartiles"][0] <= 2.0 <= made["quartiles"][1]
    assert made["machine"]["cpu"]
    assert made["machine"]["cores"] >= 1
    assert {"wmframe", "torch", "python", "commit"} <= set(made["versions"])


def test_figures_have_the_digits_that_mean_something():
    assert rounded(123456.7) == 123500
    assert spread([0.001] * 19 + [1.0], 1e3)["median"] == 1.0
    assert spread([float(n) for n in range(101)]) == {"median": 50.0, "p95": 95.0}
