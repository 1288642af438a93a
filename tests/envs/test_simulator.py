from __future__ import annotations

import attrs
import numpy as np
import pytest
from gymnasium import spaces

from wmframe.envs.scores import ScoreSheet
from wmframe.envs.simulator import Frame, SimulatorEnv, pixels
from wmframe.envs.vector import Simulators
from wmframe.errors import SimulatorError
from wmframe.interfaces import EnvSuite


class Counter(SimulatorEnv):
    """Rewards the frame's number; ends at ``goal``."""

    def __init__(self, repeat, limit, goal=10**9):
        self.goal, self.drawn, self.seeds = goal, 0, []
        super().__init__(
            spaces.Dict({"image": pixels(8)}),
            spaces.Box(-1, 1, (1,), np.float32),
            action_repeat=repeat,
            time_limit=limit,
            scores={"success": "max", "cost": "sum"},
        )

    def begin(self, seed):
        self.frame = 0
        self.seeds.append(seed)

    def advance(self, action):
        self.frame += 1
        info = {"success": self.frame == 2, "cost": 1.0, "frame": self.frame}
        return Frame(self.frame, self.frame == self.goal, info=info)

    def observe(self):
        self.drawn += 1
        return {"image": np.full((8, 8, 3), self.frame, np.uint8)}


def test_rewards_of_repeated_frames_add_up_and_the_picture_is_drawn_once():
    env = Counter(repeat=3, limit=100)
    env.reset(seed=0)
    obs, reward, terminated, truncated, info = env.step(None)
    assert (reward, terminated, truncated) == (1 + 2 + 3, False, False)
    assert obs["image"].max() == 3 and env.drawn == 2
    assert info["success"] == 1.0  # seen in the second frame, gone in the third
    assert info["cost"] == 3.0 and info["frame"] == 3


def test_the_time_limit_counts_frames_and_cuts_the_last_decision_short():
    env = Counter(repeat=3, limit=5)
    env.reset(seed=0)
    assert env.step(None)[3] is False
    _, reward, terminated, truncated, _ = env.step(None)
    assert (reward, terminated, truncated) == (4 + 5, False, True)
    env.reset()
    assert env.step(None)[3] is False


def test_a_terminal_frame_ends_the_decision_without_truncation():
    env = Counter(repeat=4, limit=100, goal=2)
    env.reset(seed=0)
    _, reward, terminated, truncated, _ = env.step(None)
    assert (reward, terminated, truncated) == (3, True, False)


def test_a_seed_fixes_the_episodes_that_follow_it():
    env = Counter(repeat=1, limit=9)
    for seed in (7, None, 7, None, 8):
        env.reset(seed=seed)
    a, b, c, d, e = env.seeds
    assert (a, b) == (c, d) and len({a, b, e}) == 3
    assert all(0 <= seed < 2**31 for seed in env.seeds)


def test_scores_reduce_as_their_rules_say_and_skip_what_was_never_seen():
    sheet = ScoreSheet({"a": "max", "b": "sum", "c": "mean", "d": "last", "absent": "max"})
    for value in (1, 3, 2):
        sheet.add(dict.fromkeys("abcd", value))
    assert sheet.result() == {"a": 3, "b": 6, "c": 2, "d": 2}
    sheet.clear()
    assert sheet.result() == {}


def test_an_unknown_reduction_is_refused():
    with pytest.raises(SimulatorError, match="median") as caught:
        ScoreSheet({"success": "median"})
    assert "max" in caught.value.hint


@attrs.frozen
class CounterSuite(EnvSuite):
    made: list[Counter]

    def tasks(self):
        return ("count",)

    def make(self, mode="train"):
        self.made.append(Counter(repeat=1, limit=2))
        return self.made[-1]


def test_a_vector_says_at_each_reset_which_seed_comes_next(monkeypatch):
    begun, told = [], []
    reset = Counter.reset

    def noted(env, *, seed=None, options=None):
        begun.append(seed)
        return reset(env, seed=seed, options=options)

    monkeypatch.setattr(Counter, "reset", noted)
    monkeypatch.setattr(Counter, "prepare", lambda env, seed: told.append(seed))
    with Simulators(CounterSuite([]), 1, seed=3, processes=False) as sims:
        for turn in range(7):
            sims.send(None if turn == 0 else np.zeros((1, 1), np.float32))
            sims.receive()
    assert len(begun) == 3 and told[:-1] == begun[1:]
