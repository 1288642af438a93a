"""Batches that are drawn ahead are those that would have been drawn later."""

from __future__ import annotations

import threading

import pytest

from wmframe.stages.loop import learning
from wmframe.stages.loop.prefetch import Prefetcher
from wmframe.stages.run import run_recipe


def test_a_batch_is_drawn_once_in_order_and_elsewhere():
    drawn = []

    def draw():
        drawn.append(threading.current_thread())
        return {"number": len(drawn)}

    ahead = Prefetcher(draw, threaded=True)
    ahead.begin()
    ahead.begin()
    assert [ahead.take()["number"] for _ in range(2)] == [1, 2]
    assert drawn[0] is not threading.main_thread()
    assert drawn[1] is threading.main_thread()  # nobody had begun


def test_without_threads_a_batch_is_drawn_when_it_is_taken():
    drawn = []
    ahead = Prefetcher(lambda: drawn.append(1) or {}, threaded=False)
    ahead.begin()
    assert drawn == []
    ahead.take()
    assert drawn == [1]


def test_what_goes_wrong_in_the_thread_is_raised_where_the_batch_is_taken():
    def draw():
        raise ValueError("no episode")

    ahead = Prefetcher(draw, threaded=True)
    ahead.begin()
    with pytest.raises(ValueError, match="no episode"):
        ahead.take()


def test_drawing_ahead_changes_no_figure_and_no_resumed_one(recipe, tmp_path, losses, monkeypatch):
    plain = run_recipe(recipe, name="plain", runs=tmp_path).stages[0].folder
    monkeypatch.setattr(
        learning, "Prefetcher", lambda draw, threaded: Prefetcher(draw, threaded=True)
    )
    ahead = run_recipe(recipe, name="ahead", runs=tmp_path).stages[0].folder
    assert losses(ahead) == losses(plain)
    newest = max((ahead / "checkpoints").glob("step_*"))
    older = newest.parent / "step_0000000384"
    assert older.exists()
    for file in newest.iterdir():
        file.unlink()
    newest.rmdir()
    run_recipe(recipe, name="ahead", runs=tmp_path)
    assert newest.exists()
    assert losses(ahead)[0].items() <= losses(plain)[0].items()
