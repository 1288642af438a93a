"""A toy suite, and what the tests of simulators do alike."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import attrs
import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

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
        if self.fault == "dies when built":
            os._exit(4)
        if self.fault.startswith("dies when built without "):
            mark = Path(self.fault.removeprefix("dies when built without "))
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return ToyEnv(self.fault)


def play_turns(sims, turns, seed=0, begin=True):
    """Rows of ``turns`` turns with actions that depend on ``seed`` alone."""
    rng = np.random.default_rng(seed)
    rows = []
    for turn in range(turns):
        actions = np.stack([sims.codec.sample(rng) for _ in range(sims.count)])
        sims.send(None if begin and turn == 0 else actions)
        rows.append(sims.receive())
    return rows


def assert_same_rows(a, b):
    assert len(a) == len(b)
    for left, right in zip(a, b, strict=True):
        assert left.scores == right.scores
        np.testing.assert_array_equal(left.episode, right.episode)
        assert list(left.data) == list(right.data)
        for key in set(left.data) - {"process", "has_torch"}:
            assert left.data[key].dtype == right.data[key].dtype
            np.testing.assert_array_equal(left.data[key], right.data[key], err_msg=key)


@pytest.fixture
def toy():
    return ToySuite


@pytest.fixture
def play():
    return play_turns


@pytest.fixture
def assert_same():
    return assert_same_rows
