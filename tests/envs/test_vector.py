from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import attrs
import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from wmframe.envs.seeding import episode_seed
from wmframe.envs.vector import Simulators
from wmframe.envs.worker import PackedSuite
from wmframe.errors import SimulatorError, UsageError
from wmframe.interfaces import EnvSuite


class ToyEnv(gymnasium.Env):
    """Noise from the episode's seed, moved by the actions; the seed also sets the length."""

    action_space = spaces.Box(-2, 2, (2,), np.float32)
    observation_space = spaces.Dict(
        {
            "image": spaces.Box(0, 255, (4, 4, 3), np.uint8),
            "position": spaces.Box(-np.inf, np.inf, (2,), np.float64),
            "process": spaces.Box(0, 2**31, (), np.int64),
            "has_torch": spaces.Box(0, 1, (), np.uint8),
        }
    )

    def __init__(self, fault):
        self.fault = fault

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.position, self.turn = np.zeros(2), 0
        self.length = int(self.np_random.integers(3, 8))
        return self.observe(), {}

    def step(self, action):
        self.turn += 1
        if self.fault == "raise" and self.turn == 2:
            raise ValueError("the arm fell off")
        if self.fault == "die" and self.turn == 2:
            os._exit(3)
        if self.fault == "hang" and self.turn == 2 and action[0] > 1.9:
            time.sleep(60)
        self.position = self.position + action
        done = self.turn == self.length
        info = {"success": float(self.turn == 2), "depth": float(self.turn)}
        return self.observe(), float(action.sum()), done and self.length % 2 == 0, done, info

    def observe(self):
        return {
            "image": self.np_random.integers(0, 256, (4, 4, 3), np.uint8),
            "position": self.position,
            "process": os.getpid(),
            "has_torch": "torch" in sys.modules,
        }


@attrs.frozen
class ToySuite(EnvSuite):
    fault: str = ""
    deterministic: bool = True
    scores = {"success": "max", "depth": "last"}  # noqa: RUF012

    def tasks(self):
        return ("toy",)

    def make(self, mode="train"):
        if self.fault == "unbuildable":
            raise OSError("no such robot")
        return ToyEnv(self.fault)


def play(sims, turns, seed=0, begin=True):
    """Rows of ``turns`` turns with actions that depend on ``seed`` alone."""
    rng = np.random.default_rng(seed)
    rows = []
    for turn in range(turns):
        actions = np.stack([sims.codec.sample(rng) for _ in range(sims.count)])
        sims.send(None if begin and turn == 0 else actions)
        rows.append(sims.receive())
    return rows


def assert_same(a, b):
    assert len(a) == len(b)
    for left, right in zip(a, b, strict=True):
        assert left.scores == right.scores
        np.testing.assert_array_equal(left.episode, right.episode)
        assert list(left.data) == list(right.data)
        for key in set(left.data) - {"process", "has_torch"}:
            assert left.data[key].dtype == right.data[key].dtype
            np.testing.assert_array_equal(left.data[key], right.data[key], err_msg=key)


def test_worker_processes_give_the_rows_of_the_serial_mode_and_know_no_torch():
    with Simulators(ToySuite(), 3, seed=1, processes=False) as sims:
        serial = play(sims, 25)
    with Simulators(ToySuite(), 3, seed=1) as sims:
        parallel = play(sims, 25)
    assert_same(serial, parallel)
    pids = parallel[-1].data["process"]
    assert len(set(pids)) == 3 and os.getpid() not in pids
    assert not parallel[-1].data["has_torch"].any()


def test_a_row_carries_the_action_that_led_to_it_and_an_end_is_followed_by_a_reset():
    with Simulators(ToySuite(), 2, seed=1, processes=False) as sims:
        rng = np.random.default_rng(0)
        sims.send(None)
        before = sims.receive()
        assert before.data["is_first"].all() and not before.data["action"].any()
        ends = 0
        for _ in range(30):
            actions = np.stack([sims.codec.sample(rng) for _ in range(2)])
            sims.send(actions)
            rows = sims.receive()
            for i in range(2):
                row = {key: value[i] for key, value in rows.data.items()}
                ended = before.data["is_last"][i]
                assert row["is_first"] == ended
                np.testing.assert_array_equal(row["action"], 0 if ended else actions[i])
                assert row["reward"] == pytest.approx(
                    0 if ended else 2 * actions[i].sum(), abs=1e-5
                )
                assert (rows.scores[i] is not None) == row["is_last"]
                assert rows.episode[i] == before.episode[i] + ended
                if row["is_last"]:
                    depth = rows.scores[i]["depth"]
                    assert rows.scores[i]["success"] == 1.0
                    assert row["is_terminal"] == (depth % 2 == 0)
                    ends += 1
            before = rows
        assert ends > 4


def test_rows_are_float32_where_the_environment_has_float64():
    with Simulators(ToySuite(), 1, seed=1, processes=False) as sims:
        assert sims.obs["position"].dtype == "float32"
        assert sims.obs["image"].shape == (4, 4, 3)
        assert play(sims, 1)[0].data["position"].dtype == np.float32


def test_received_arrays_are_not_overwritten_by_later_turns():
    with Simulators(ToySuite(), 1, seed=1, processes=False) as sims:
        first = play(sims, 1)[0]
        kept = first.data["image"].copy()
        play(sims, 3, begin=False)
        np.testing.assert_array_equal(first.data["image"], kept)


def test_episodes_depend_on_seed_simulator_and_number_alone():
    with Simulators(ToySuite(), 2, seed=5, processes=False) as sims:
        first = [play(sims, 1)[0].data["image"] for _ in range(3)]  # each begins a next episode
    alone = ToyEnv("")
    for number, images in enumerate(first):
        for i in range(2):
            obs, _ = alone.reset(seed=episode_seed(5, i, number))
            np.testing.assert_array_equal(obs["image"], images[i])
    assert len({image.tobytes() for images in first for image in images}) == 6


def test_a_killed_worker_is_replaced_and_begins_its_next_episode():
    with Simulators(ToySuite(), 2, seed=1, processes=False) as sims:
        unbroken = play(sims, 3)
    with Simulators(ToySuite(), 2, seed=1) as sims:
        rows = play(sims, 2)
        os.kill(int(rows[-1].data["process"][0]), signal.SIGKILL)
        after = play(sims, 3, begin=False)[0]
        assert sims.restarts == 1
    assert after.data["is_first"].tolist() == [True, False]
    assert after.episode.tolist() == [1, 0]
    assert unbroken[-1].data["is_first"].tolist() == [False, False]


def test_a_simulator_that_keeps_dying_is_given_up():
    with (
        Simulators(ToySuite(fault="die"), 1, seed=1) as sims,
        pytest.raises(SimulatorError, match=r"simulator 0 died \(exit code 3\), 5 times") as caught,
    ):
        play(sims, 40)
    assert "wmframe doctor" in caught.value.hint


def test_a_simulator_that_hangs_is_replaced():
    with Simulators(ToySuite(fault="hang"), 1, seed=1, timeout=1.5) as sims:
        play(sims, 2)
        sims.send(np.ones((1, 2)))
        assert sims.receive().data["is_first"].all()
        assert sims.restarts == 1


@pytest.mark.parametrize("processes", [False, True])
def test_an_exception_comes_back_with_its_last_line_and_its_traceback(processes):
    with (
        Simulators(ToySuite(fault="raise"), 1, seed=1, processes=processes) as sims,
        pytest.raises(SimulatorError, match="ValueError: the arm fell off") as caught,
    ):
        play(sims, 4)
    assert "in step" in caught.value.__notes__[0]


@pytest.mark.parametrize("processes", [False, True])
def test_an_environment_that_cannot_be_built_says_why(processes):
    with pytest.raises(SimulatorError, match="OSError: no such robot"):
        Simulators(ToySuite(fault="unbuildable"), 2, seed=1, processes=processes)


def rows_by_simulator(rows):
    return [
        [{k: v[i] for k, v in row.data.items()} for row in rows] for i in range(len(rows[0].scores))
    ]


@pytest.mark.parametrize("turns", range(1, 12))
def test_restoring_replays_unfinished_episodes_and_goes_on_as_if_nothing_happened(turns):
    with Simulators(ToySuite(), 3, seed=1, processes=False) as sims:
        before = play(sims, turns)
        state = sims.state()
        after = play(sims, 12, seed=1, begin=False)
    with Simulators(ToySuite(), 3, seed=1, processes=False) as sims:
        histories, rows = sims.restore(state)
        resumed = play(sims, 12, seed=1, begin=False)
    assert_same(after, resumed)
    np.testing.assert_array_equal(rows.episode, before[-1].episode)
    for history, past, last in zip(histories, rows_by_simulator(before), range(3), strict=True):
        start = max(t for t, row in enumerate(past) if row["is_first"])
        expected = [] if past[-1]["is_last"] else past[start:]
        assert len(history) == len(expected)
        for got, wanted in zip(history, expected, strict=True):
            for key in wanted:
                np.testing.assert_array_equal(got[key], wanted[key], err_msg=key)
        assert rows.data["is_last"][last] == past[-1]["is_last"]


def test_worker_processes_restore_too_and_restarts_go_on_counting():
    with Simulators(ToySuite(), 2, seed=1, processes=False) as sims:
        play(sims, 9)
        state = sims.state() | {"restarts": 4}
        after = play(sims, 5, seed=1, begin=False)
    with Simulators(ToySuite(), 2, seed=1) as sims:
        sims.restore(state)
        assert sims.restarts == 4
        assert_same(after, play(sims, 5, seed=1, begin=False))


def test_a_suite_that_is_not_deterministic_restores_into_its_next_episode():
    suite = ToySuite(deterministic=False)
    with Simulators(suite, 2, seed=1, processes=False) as sims:
        before = play(sims, 3)[-1]
        state = sims.state()
        histories, rows = sims.restore(state)
    assert [len(history) for history in histories] == [1, 1]
    assert rows.data["is_first"].all()
    np.testing.assert_array_equal(rows.episode, before.episode + 1)


def test_calls_out_of_turn_are_refused():
    with Simulators(ToySuite(), 1, seed=1, processes=False) as sims:
        with pytest.raises(UsageError, match="no rows"):
            sims.receive()
        sims.send(None)
        for call in (sims.state, lambda: sims.send(None)):
            with pytest.raises(UsageError, match="under way"):
                call()
        sims.receive()
        with pytest.raises(UsageError, match="1 simulators cannot go on from 2"):
            sims.restore({"restarts": 0, "simulators": [{}, {}]})


def test_a_suite_from_a_file_that_cannot_be_imported_by_name_reaches_a_worker(tmp_path):
    code = "import pathlib\nclass Odd(type(pathlib.Path())): pass\nvalue = Odd('x')\n"
    (tmp_path / "odd.py").write_text(code)
    module = PackedSuite("local_odd_suite", str(tmp_path / "odd.py"), b"")
    try:
        content = subprocess.run(  # pickled where the module has been loaded from its file
            [sys.executable, "-c", _PICKLE_ODD, str(tmp_path / "odd.py")],
            capture_output=True,
            check=True,
        ).stdout
        assert type(module._replace(content=content).unpack()).__name__ == "Odd"
    finally:
        sys.modules.pop("local_odd_suite", None)


_PICKLE_ODD = """
import sys, pickle
from wmframe.envs.worker import PackedSuite
PackedSuite("local_odd_suite", sys.argv[1], b"")._load_file(sys.argv[1])
sys.stdout.buffer.write(pickle.dumps(sys.modules["local_odd_suite"].value))
"""

_PARENT = """
import os, sys, time
import attrs, gymnasium, numpy as np
from wmframe.envs.vector import Simulators
from wmframe.interfaces import EnvSuite

class Env(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Dict(process=gymnasium.spaces.Box(0, 2**31, (), np.int64))
    def reset(self, seed=None, options=None):
        return {"process": os.getpid()}, {}

class Suite(EnvSuite):
    def tasks(self):
        return ()
    def make(self, mode="train"):
        return Env()

if __name__ == "__main__":
    sims = Simulators(Suite(), 2, 0)
    sims.send(None)
    print(*sims.receive().data["process"], flush=True)
    time.sleep(60)
"""


def test_workers_end_when_their_parent_is_killed(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(alive(pid) for pid in workers)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_suites_are_pickled_as_settings_only():
    assert len(pickle.dumps(ToySuite())) < 200
