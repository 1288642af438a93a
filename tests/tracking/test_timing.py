"""Shares of time and progress towards the budget."""

from __future__ import annotations

import pytest

from wmframe.tracking import timing
from wmframe.tracking.progress import Progress
from wmframe.tracking.timing import Stopwatch
from wmframe.types import Counters


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(timing, "perf_counter", lambda: now[0])
    return now


def test_shares_add_up_to_one_over_the_elapsed_time(clock):
    watch = Stopwatch()
    for seconds in (2.0, 4.0):
        with watch.section("simulator"):
            clock[0] += seconds
    with watch.section("learner"):
        clock[0] += 3.0
    clock[0] += 1.0
    assert watch.elapsed() == 10.0
    assert watch.shares() == pytest.approx({"simulator": 0.6, "learner": 0.3, "other": 0.1})


def test_a_section_that_raises_is_counted(clock):
    watch = Stopwatch()
    with pytest.raises(ValueError, match="x"), watch.section("data"):
        clock[0] += 1.0
        raise ValueError("x")
    assert watch.shares()["data"] == 1.0


def test_reset_begins_anew(clock):
    watch = Stopwatch()
    with watch.section("data"):
        clock[0] += 5.0
    watch.reset()
    clock[0] += 1.0
    assert watch.shares() == {"other": 1.0}


def test_rates_and_time_left_follow_the_window():
    progress = Progress(Counters(env_steps=1000), window=10)
    for second in range(101):
        progress.mark(
            Counters(env_steps=2 * second if second < 50 else 100 + 4 * (second - 50)), second
        )
    assert progress.rate("env_steps") == pytest.approx(4.0)  # the slow start is forgotten
    assert progress.fraction() == pytest.approx(0.3)
    assert progress.seconds_left() == pytest.approx(700 / 4)


def test_the_counter_that_ends_first_decides():
    progress = Progress(Counters(env_steps=1000, updates=100))
    progress.mark(Counters(), 0)
    progress.mark(Counters(env_steps=10, updates=50), 10)
    assert progress.fraction() == 0.5
    assert progress.seconds_left() == pytest.approx(10)


def test_nothing_is_known_before_the_stage_moves():
    progress = Progress(Counters(env_steps=10))
    assert (progress.rate("updates"), progress.fraction(), progress.seconds_left()) == (0, 0, None)
    progress.mark(Counters(), 0)
    progress.mark(Counters(), 5)
    assert progress.seconds_left() is None
