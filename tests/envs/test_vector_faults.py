from __future__ import annotations

import importlib.util
import multiprocessing
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from wmframe.envs.host import WorkerDied
from wmframe.envs.process import _receive
from wmframe.envs.vector import Simulators
from wmframe.errors import SimulatorError


def test_a_killed_worker_is_replaced_and_begins_its_next_episode(toy, play):
    with Simulators(toy(), 2, seed=1, processes=False) as sims:
        unbroken = play(sims, 3)
    with Simulators(toy(), 2, seed=1) as sims:
        rows = play(sims, 2)
        os.kill(int(rows[-1].data["process"][0]), signal.SIGKILL)
        after = play(sims, 3, begin=False)[0]
        assert sims.restarts == 1
    assert after.data["is_first"].tolist() == [True, False]
    assert after.episode.tolist() == [1, 0]
    assert unbroken[-1].data["is_first"].tolist() == [False, False]


def test_a_simulator_that_keeps_dying_is_given_up(toy, play):
    with (
        Simulators(toy(fault="die"), 1, seed=1) as sims,
        pytest.raises(SimulatorError, match=r"simulator 0 died \(exit code 3\), 5 times") as caught,
    ):
        play(sims, 40)
    assert "wmframe doctor" in caught.value.hint


def test_a_simulator_that_hangs_is_replaced(toy, play):
    with Simulators(toy(fault="hang"), 1, seed=1, timeout=1.0) as sims:
        play(sims, 2)
        sims.send(np.ones((1, 2)))
        assert sims.receive().data["is_first"].all()
        assert sims.restarts == 1


@pytest.mark.parametrize("processes", [False, True])
def test_an_exception_comes_back_with_its_last_line_and_its_traceback(toy, play, processes):
    with (
        Simulators(toy(fault="raise"), 1, seed=1, processes=processes) as sims,
        pytest.raises(SimulatorError, match="ValueError: the arm fell off") as caught,
    ):
        play(sims, 4)
    assert "in step" in caught.value.__notes__[0]


@pytest.mark.parametrize("processes", [False, True])
def test_an_environment_that_cannot_be_built_says_why(toy, processes):
    with pytest.raises(SimulatorError, match="OSError: no such robot"):
        Simulators(toy(fault="unbuildable"), 2, seed=1, processes=processes)


def test_a_worker_that_is_killed_while_it_is_built_is_replaced(toy, play, tmp_path, assert_same):
    with Simulators(toy(), 2, seed=1, processes=False) as sims:
        unbroken = play(sims, 3)
    with Simulators(toy(fault=f"dies when built without {tmp_path / 'mark'}"), 2, seed=1) as sims:
        assert sims.restarts == 1
        assert_same(play(sims, 3), unbroken)


def test_a_simulator_that_dies_whenever_it_is_built_is_given_up(toy):
    with pytest.raises(SimulatorError, match=r"died \(exit code 4\), 5 times while it was built"):
        Simulators(toy(fault="dies when built"), 1, seed=1)


def test_a_message_that_is_cut_off_is_that_of_a_dead_worker():
    ours, theirs = multiprocessing.Pipe()
    os.write(theirs.fileno(), struct.pack("!i", 100) + b"the beginning")
    theirs.close()
    answer = _receive(ours, timeout=5.0)
    assert isinstance(answer, WorkerDied) and not answer.hung


SUITE = """
import os, subprocess, sys, time
import gymnasium, numpy as np
from wmframe.envs.vector import Simulators
from wmframe.interfaces import EnvSuite

class Env(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Dict(process=gymnasium.spaces.Box(0, 2**31, (), np.int64))
    def reset(self, seed=None, options=None):
        return {"process": os.getpid()}, {}
    def step(self, action):
        child = subprocess.Popen(["sleep", "60"])
        print(child.pid, flush=True)
        time.sleep(60)

class Suite(EnvSuite):
    def tasks(self):
        return ()
    def make(self, mode="train"):
        return Env()
"""

SCRIPT = """
if __name__ == "__main__":
    sims = Simulators(Suite(), 2, 0)
    sims.send(None)
    print(*sims.receive().data["process"], flush=True)
    if BUSY:
        sims.send(np.zeros((2, 2), np.float32))
    time.sleep(60)
"""


def test_a_suite_from_a_file_that_cannot_be_imported_by_name_reaches_a_worker(tmp_path):
    file = tmp_path / "odd.py"
    file.write_text(SUITE)
    spec = importlib.util.spec_from_file_location("local_odd_suite", file)
    sys.modules["local_odd_suite"] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        with Simulators(module.Suite(), 1, seed=0) as sims:
            sims.send(None)
            assert sims.receive().data["process"] != os.getpid()
    finally:
        del sys.modules["local_odd_suite"]


def test_a_suite_whose_class_is_in_no_file_is_refused_with_a_hint():
    code = SUITE + "Simulators(Suite(), 1, 0)"
    done = subprocess.run([sys.executable, "-"], input=code, capture_output=True, text=True)
    assert "SimulatorError: a worker process cannot load __main__" in done.stderr
    assert "processes = false" in done.stderr


@pytest.mark.parametrize("busy", [False, True])
def test_workers_end_when_their_parent_is_killed(tmp_path: Path, busy):
    script = tmp_path / "parent.py"
    script.write_text(f"{SUITE}\nBUSY = {busy}\n{SCRIPT}")
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    if busy:
        pids += map(int, [parent.stdout.readline() for _ in pids])
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False
