"""The loop with an executor that runs nothing: order, retries, memory, interrupts."""

from __future__ import annotations

import json
import os
import signal
from collections import deque
from pathlib import Path

import pytest

from wmframe.errors import UsageError
from wmframe.locks import hold, holder
from wmframe.sweep.loop import run_sweep
from wmframe.sweep.plan import plan_sweep
from wmframe.sweep.processes import Outcome
from wmframe.sweep.state import CellState, Status, read_states


class Script:
    """Ends the attempts of each cell with the codes in store for it, 0 after that."""

    def __init__(self, slots=1, **codes):
        self.slots, self.most = slots, 0
        self.codes = {name.replace("_", "-"): deque(own) for name, own in codes.items()}
        self.started, self.jobs, self.stopped = [], {}, []

    def start(self, job):
        self.started.append(job.name)
        self.jobs[job.name] = job
        self.most = max(self.most, len(self.jobs))

    def wait(self, timeout):
        name = next(iter(self.jobs))
        job = self.jobs.pop(name)
        code = self.codes[name].popleft() if self.codes.get(name) else 0
        run = Path(job.words[3]) / name
        run.mkdir(exist_ok=True)
        (run / "resolved.toml").write_text(Path(job.words[1]).read_text())
        return [(name, Outcome(code, f"code {code}" if code else ""))]

    def stop(self):
        self.stopped = list(self.jobs)


@pytest.fixture
def go(recipe, sweeps):
    """Runs a sweep over seeds with an executor; a plan is made once."""
    plans = {}

    def run(executor, seeds="0..2", told=None, **options):
        if seeds not in plans:
            plans[seeds] = plan_sweep(recipe, seeds=seeds, sweeps=sweeps)
        return run_sweep(
            plans[seeds], lambda: executor, (told if told is not None else []).append, **options
        )

    return run


def statuses(states):
    return [str(state.status) for state in states.values()]


def test_every_cell_runs_once_and_the_same_command_runs_none(go):
    executor, told = Script(), []
    assert statuses(go(executor, told=told)) == ["done"] * 3
    assert executor.started == ["seed-0", "seed-1", "seed-2"]
    assert [f"{state.name}: {state}" for state in told[:2]] == ["seed-0: running", "seed-0: done"]
    again = Script()
    assert statuses(go(again)) == ["done"] * 3
    assert again.started == []


def test_more_seeds_run_only_what_is_new(go):
    go(Script(), seeds="0..1")
    executor = Script()
    assert len(go(executor, seeds="0..3")) == 4
    assert executor.started == ["seed-2", "seed-3"]


def test_a_cell_is_done_only_if_its_run_is_there(go, sweeps):
    go(Script())
    (sweeps / "toy" / "cells" / "seed-1" / "resolved.toml").unlink()
    executor = Script()
    go(executor)
    assert executor.started == ["seed-1"]


def test_as_many_run_as_there_is_room_for(go):
    executor = Script(slots=2)
    go(executor, seeds="0..4")
    assert executor.most == 2


def test_a_failure_is_tried_again_behind_the_others_and_costs_only_its_cell(go):
    executor = Script(seed_0=[1, -9], seed_1=[1, 1, 1, 1])
    states = go(executor, retries=2)
    assert executor.started == [f"seed-{seed}" for seed in (0, 1, 2, 0, 1, 0, 1)]
    assert statuses(states) == ["done", "failed", "done"]
    assert (states["seed-0"].attempts, states["seed-0"].message) == (3, "")
    assert (states["seed-1"].attempts, states["seed-1"].message) == (3, "code 1")


@pytest.mark.parametrize("code", [2, 3])
def test_what_another_attempt_cannot_mend_is_not_tried_again(go, code):
    states = go(Script(seed_0=[code]), retries=5)
    assert (states["seed-0"].attempts, statuses(states)[0]) == (1, "failed")


def test_a_failed_cell_gets_new_attempts_from_the_same_command(go):
    go(Script(seed_1=[1]))
    executor = Script()
    assert go(executor)["seed-1"].attempts == 2
    assert executor.started == ["seed-1"]


def test_states_on_the_disk_are_those_of_the_loop(go, sweeps):
    states = go(Script(seed_1=[1]))
    assert read_states(sweeps / "toy" / "state") == states
    raw = json.loads((sweeps / "toy" / "state" / "seed-1.json").read_text())
    assert (raw["status"], raw["settings"]) == ("failed", {"seed": "1"})


def test_a_sweep_that_was_killed_goes_on_with_what_ran_first(go, sweeps):
    go(Script())
    CellState("seed-0", {"seed": "0"}).write(sweeps / "toy" / "state")
    CellState("seed-2", {"seed": "2"}, Status.RUNNING, 1).write(sweeps / "toy" / "state")
    executor = Script()
    go(executor)
    assert executor.started == ["seed-2", "seed-0"]


def test_a_damaged_state_counts_as_none(go, sweeps):
    go(Script())
    (sweeps / "toy" / "state" / "seed-2.json").write_text('{"name": "seed-2"')
    executor = Script()
    go(executor)
    assert executor.started == ["seed-2"]


@pytest.fixture
def heeded(number):
    """The signal, also where whoever started the tests had it ignored, as in the background."""
    before = signal.signal(number, signal.default_int_handler)
    yield
    signal.signal(number, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_what_runs_and_leaves_it_pending(go, sweeps, number):
    class Signalled(Script):
        def wait(self, timeout):
            os.kill(os.getpid(), number)
            return []

    executor, before = Signalled(slots=2), signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        go(executor)
    assert executor.stopped == ["seed-0", "seed-1"]
    states = list(read_states(sweeps / "toy" / "state").values())
    assert [(s.status, s.message) for s in states[:2]] == [("pending", "interrupted")] * 2
    assert signal.getsignal(number) is before


def test_two_sweeps_do_not_work_on_one_folder(go, sweeps):
    go(Script())
    with hold(sweeps / "toy" / "lock"), pytest.raises(UsageError, match=f"{os.getpid()} on"):
        go(Script())
    assert not holder(sweeps / "toy" / "lock")


def test_a_cell_whose_process_lives_is_said_to_wait_for_it(go, sweeps):
    go(Script(seed_1=[1]))
    told = []
    with hold(sweeps / "toy" / "locks" / "seed-1"):
        go(Script(), told=told)
    assert f"starts when process {os.getpid()} on" in told[0].message


def test_a_state_is_told_with_what_is_known_beside_it():
    assert str(CellState("a", {}, Status.RUNNING, 2)) == "running (attempt 2)"
    assert str(CellState("a", {}, Status.PENDING, 1, "[no]")) == "pending again: [no]"
