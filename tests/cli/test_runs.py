"""``wmframe run``, ``evaluate`` and ``report``: options reach the functions behind them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from wmframe.report import compare, page
from wmframe.stages import run
from wmframe.stages.evaluation import rollouts
from wmframe.types import Counters

RECIPE = """
[stages.judge]
use = "evaluate"
source = "runs/x"
"""


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "judge.toml"
    file.write_text(RECIPE)
    return file


@pytest.fixture
def called(monkeypatch):
    """Replaces a function by one that records its arguments."""

    def replace(module, name, result):
        calls = []
        monkeypatch.setattr(module, name, lambda *a, **k: calls.append((a, k)) or result)
        return calls

    return replace


def test_run_passes_every_option_and_shows_what_came_of_it(wmframe, called, recipe):
    stage = SimpleNamespace(
        name="judge", folder=Path("runs/j"), figures={"a": 1.5}, products={"video": Path("v.mp4")}
    )
    result = SimpleNamespace(stages=[stage], report=Path("runs/report.html"))
    calls = called(run, "run_recipe", result)
    outcome = wmframe(
        "run", str(recipe), "-p", "quick", "--set", "seed=3", "--set", "a.b=c", "--name", "mine"
    )
    assert calls == [
        (
            (recipe,),
            {
                "profile": "quick",
                "overrides": ["seed=3", "a.b=c"],
                "name": "mine",
                "runs": Path("runs"),
                "allow_changes": False,
            },
        )
    ]
    assert outcome.code == 0
    assert [line.split() for line in outcome.out.splitlines()] == [
        ["judge:", "runs/j"],
        ["a", "1.5"],
        ["video", "v.mp4"],
        ["curves:", "runs/report.html"],
    ]


def test_evaluate_prints_the_figures_and_writes_the_video(wmframe, called, tmp_path):
    episodes = SimpleNamespace(frames_THWC=np.zeros((4, 16, 16, 3), np.uint8))
    result = ({"return_mean": 12.0}, episodes, Counters(env_steps=40, updates=8))
    calls = called(rollouts, "evaluate_run", result)
    video = tmp_path / "out.mp4"
    outcome = wmframe("evaluate", "runs/x", "--episodes", "3", "--policy", "random",
                      "--video", str(video))  # fmt: skip
    [((folder,), options)] = calls
    assert (folder, options["episodes"], options["mode"]) == (Path("runs/x"), 3, "random")
    assert "runs/x after 40 env steps, 8 updates\n  return_mean  12" in outcome.out
    assert video.stat().st_size > 0


@pytest.mark.parametrize("words", [["--episodes", "0"], ["--policy", "greedy"]])
def test_evaluate_refuses_wrong_options(wmframe, words):
    assert wmframe("evaluate", "runs/x", *words).code == 2


def test_report_of_one_run_is_its_page(wmframe, called):
    calls = called(page, "report_run", Path("runs/x/report.html"))
    assert wmframe("report", "runs/x").out == "runs/x/report.html\n"
    assert calls == [((Path("runs/x"),), {})]


def test_report_of_several_runs_compares_them(wmframe, called):
    calls = called(compare, "compare", Path("c.html"))
    assert wmframe("report", "runs/x", "runs/y", "--page", "c.html").out == "c.html\n"
    assert calls == [(([Path("runs/x"), Path("runs/y")], Path("c.html")), {})]
