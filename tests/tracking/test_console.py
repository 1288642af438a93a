"""The console: plain lines in a log, a panel on a terminal, little work between redraws."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from wmframe.tracking import console as module
from wmframe.tracking.console import ConsoleTracker
from wmframe.types import Counters

BUDGET = Counters(env_steps=1000)


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def make(folder, terminal=False, **settings):
    screen = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    return ConsoleTracker(folder=folder, stage="finetune", console=screen, **settings), screen.file


def test_without_a_terminal_a_line_comes_every_interval(tmp_path, clock):
    tracker, out = make(tmp_path, interval=10)
    tracker.start(Counters(), BUDGET)
    for second in range(1, 31):
        clock[0] = float(second)
        tracker.tick(Counters(env_steps=10 * second, updates=second))
    lines = out.getvalue().splitlines()
    assert len(lines) == 4
    assert "env steps 300 / 1,000" in lines[-1]
    assert "10 env steps/s" in lines[-1]
    assert "left: 0:01:10" in lines[-1]
    assert "\x1b" not in out.getvalue()


def test_an_evaluation_is_shown_at_once(tmp_path, clock):
    tracker, out = make(tmp_path)
    tracker.start(Counters(), BUDGET)
    values = {"eval/return_mean": 712.5, "eval/return_std": 30.0, "eval/success_mean": 0.8}
    tracker.scalars(Counters(env_steps=100), values)
    assert "evaluation: 712.5 ± 30.0 · success 0.80" in out.getvalue().splitlines()[-1]


def test_training_returns_are_averaged(tmp_path, clock):
    tracker, out = make(tmp_path)
    tracker.start(Counters(), BUDGET)
    for value in (10.0, 20.0):
        tracker.scalars(Counters(), {"episode/return": value})
    tracker.close()
    assert "return: 20.0 (mean of last 2: 15.0)" in out.getvalue()


def test_a_terminal_gets_a_panel_at_the_refresh_rate(tmp_path, clock):
    tracker, out = make(tmp_path, terminal=True, refresh=4.0)
    tracker.start(Counters(), BUDGET)
    before = out.getvalue()
    clock[0] = 0.2
    tracker.tick(Counters(env_steps=10))
    assert out.getvalue() == before  # not due yet
    clock[0] = 0.3
    tracker.scalars(Counters(env_steps=20), {"time/share_simulator": 0.75, "train/kl_loss": 1.25})
    tracker.tick(Counters(env_steps=500))
    tracker.close()
    drawn = out.getvalue()[len(before) :]
    for text in ("finetune", "500 / 1,000", "simulator 75%", "kl 1.25"):
        assert text in drawn


def test_markup_in_names_is_not_interpreted(tmp_path, clock):
    tracker, out = make(tmp_path)
    tracker._view.stage = "[red]x[/red] :smile:"
    tracker.start(Counters(), BUDGET)
    assert "[red]x[/red] :smile:" in out.getvalue()
