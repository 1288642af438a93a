"""``wmframe sweep`` with real processes: failures, interrupts, kills, and going on."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

from wmframe.cli.sweep import threads_of_a_cell
from wmframe.locks import holder


def states(folder):
    return {
        path.stem: json.loads(path.read_text())["status"] for path in folder.glob("state/*.json")
    }


def begins(folder, cell):
    """The step at which each process of a cell began."""
    file = folder / "cells" / cell / "train" / "begins"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def step(folder, cell):
    file = folder / "cells" / cell / "train" / "step"
    return int(file.read_text() or 0) if file.exists() else 0


def until(condition, child, seconds=900):
    deadline = time.monotonic() + seconds
    while not condition():
        assert child.poll() is None, child.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_dry_run_shows_the_cells_and_writes_nothing(wmframe_sweep, sweeps):
    done = wmframe_sweep("--seeds", "0..1", "--set", "task=low,high", "--dry-run")
    assert done.code == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["CELL", "STATUS"]
    assert lines[1] == ["task-low_seed-0", "pending"]
    assert len(lines) == 6
    assert lines[-1][:2] == ["4", "cells"]
    assert not sweeps.exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--seeds", "0..1", "--set", "tsk=low"], 3, "stages.train.suite.task"),
        (["--set", "task=low,steep"], 3, "steep"),
        (["--seeds", "x"], 2, "write 0..7"),
        ([], 2, "one cell"),
        (["--seeds", "0", "--gpus", "1"], 2, "add --ray local"),
    ],
)
def test_what_is_wrong_is_told_before_anything_starts(wmframe_sweep, sweeps, words, code, message):
    done = wmframe_sweep(*words)
    assert (done.code, message in done.err) == (code, True)
    assert not sweeps.exists()


def test_cores_are_divided_among_cells(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert threads_of_a_cell(1) == {}
    assert threads_of_a_cell(3) == {"OMP_NUM_THREADS": "2"}
    assert threads_of_a_cell(20) == {"OMP_NUM_THREADS": "1"}


@pytest.mark.slow
def test_a_failing_task_costs_only_its_cells_and_goes_on_once_mended(
    wmframe_sweep, sweeps, tmp_path
):
    words = ["--seeds", "0", "--set", "task=low,high", "--jobs", "2", "--retries", "1"]
    words += ["--set", 'broken=["high"]', "--set", f"mend={tmp_path / 'mended'}"]
    done = wmframe_sweep(*words)
    assert done.code == 1
    folder = sweeps / "toy"
    assert states(folder) == {"task-low_seed-0": "done", "task-high_seed-0": "failed"}
    assert begins(folder, "task-high_seed-0") == [0, 1]  # each attempt goes on
    assert "task-high_seed-0: the path is gone" in done.err
    assert "1 done, 1 failed" in done.out
    page = (folder / "report.html").read_text()
    assert "<td>task = low</td><td>1</td><td" in page
    assert "the path is gone" in page
    assert 'href="cells/task-low_seed-0/report.html"' in page

    (tmp_path / "mended").touch()
    again = wmframe_sweep(*words)
    assert again.code == 0
    assert begins(folder, "task-high_seed-0") == [0, 1, 2]
    assert begins(folder, "task-low_seed-0") == [0]
    assert "<td>task = high</td>" in (folder / "report.html").read_text()


@pytest.mark.slow
def test_two_jobs_run_at_once_and_ctrl_c_stops_both_cleanly(start_sweep, sweeps):
    folder, cells = sweeps / "toy-slow", ("seed-0", "seed-1")
    words = ("-p", "slow", "--seeds", "0..2", "--jobs", "2", "--set", "steps=6")
    child = start_sweep(*words)
    until(lambda: all(step(folder, cell) >= 1 for cell in cells), child)
    child.send_signal(signal.SIGINT)
    out = child.communicate(timeout=900)[0]
    assert child.returncode == 130
    assert "the same command resumes" in out
    assert states(folder) == dict.fromkeys((*cells, "seed-2"), "pending")
    assert not any(holder(folder / "locks" / cell) for cell in cells)
    assert "KeyboardInterrupt" not in out  # but neither a traceback

    reached = [step(folder, cell) for cell in cells]
    child = start_sweep(*words)
    assert "3 done" in child.communicate(timeout=900)[0]
    assert child.returncode == 0
    for cell, before in zip(cells, reached, strict=True):
        assert begins(folder, cell) == [0, before]
        assert step(folder, cell) == 6


@pytest.mark.slow
def test_after_kill_9_no_cell_is_started_twice(start_sweep, sweeps):
    folder, cell = sweeps / "toy-slow", "seed-0"
    words = ("-p", "slow", "--seeds", "0..1", "--set", "steps=14")
    child = start_sweep(*words)
    until(lambda: step(folder, cell) >= 1, child)
    child.kill()
    child.communicate()
    assert states(folder) == {"seed-0": "running", "seed-1": "pending"}
    assert holder(folder / "locks" / cell)  # its process lives on

    child = start_sweep(*words)
    until(lambda: "left by" in (folder / "state" / "seed-0.json").read_text(), child)
    assert begins(folder, cell) == [0]
    orphan = int(re.search(r"process (\d+)", holder(folder / "locks" / cell))[1])
    until(lambda: step(folder, cell) >= 8, child)
    os.kill(orphan, signal.SIGKILL)
    out = child.communicate(timeout=900)[0]
    assert child.returncode == 0, out
    first, second = begins(folder, cell)
    assert first == 0
    assert second >= 8  # from the step that the first process reached
    assert begins(folder, "seed-1") == [0]
    assert states(folder) == dict.fromkeys(("seed-0", "seed-1"), "done")
