"""Cells as tasks of Ray: a cluster of one machine, made for the test."""

from __future__ import annotations

import json
import signal
import sys
import time

import pytest

from wmframe.errors import MissingError
from wmframe.locks import holder
from wmframe.sweep.ray import cells_that_fit, connect


@pytest.mark.parametrize(
    ("cpus", "gpus", "fit"), [(1, 0, 12), (3, 0, 3), (1, 1, 2), (1, 0.5, 4), (0.1, 2, 1), (9, 0, 0)]
)
def test_cells_fit_where_one_machine_has_all_that_a_cell_asks_for(cpus, gpus, fit):
    assert cells_that_fit([{"CPU": 8.0}, {"CPU": 4.0, "GPU": 2.0}], cpus, gpus) == fit


def test_without_ray_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingError, match=r"wmframe\[ray\]"):
        connect("auto")


@pytest.mark.slow
def test_cells_run_as_tasks_and_an_interrupt_leaves_them_to_go_on(start_sweep, sweeps):
    pytest.importorskip("ray")
    folder, cell = sweeps / "toy-slow", "seed-0"
    words = ("-p", "slow", "--seeds", "0..1", "--set", "steps=20", "--ray", "local")
    child = start_sweep(*words, "--jobs", "1")
    reached = folder / "cells" / cell / "train" / "step"
    deadline = time.monotonic() + 900
    while not (reached.exists() and reached.read_text() >= "1"):
        assert child.poll() is None, child.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    out = child.communicate(timeout=900)[0]
    assert child.returncode == 130, out
    assert not holder(folder / "locks" / cell)
    assert "=== " in (folder / "logs" / f"{cell}.log").read_text()
    before = reached.read_text()
    assert int(before) < 20  # its process ended with its task

    child = start_sweep(*words)
    out = child.communicate(timeout=900)[0]
    assert child.returncode == 0, out
    states = [json.loads(path.read_text())["status"] for path in folder.glob("state/*.json")]
    assert states == ["done", "done"]
    assert (reached.parent / "begins").read_text().split() == ["0", before]


@pytest.mark.slow
def test_what_no_machine_has_room_for_is_refused(start_sweep):
    pytest.importorskip("ray")
    child = start_sweep("--seeds", "0", "--ray", "local", "--gpus", "64")
    out = child.communicate(timeout=900)[0]
    assert child.returncode != 0
    assert "no machine of the cluster has 1 CPUs and 64 GPUs" in out
