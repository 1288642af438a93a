"""Environments that are closed after the test, and episodes played with fixed actions."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe_atari.config import AtariConfig
from wmframe_atari.suite import AtariSuite


@pytest.fixture
def plain():
    """Settings with which nothing is random."""
    return {"sticky_actions": 0.0, "noops": 0}


@pytest.fixture
def make():
    """Builds an environment; ``mode`` is the suite's, the rest are its settings."""
    made = []

    def build(task="breakout", mode="train", **settings):
        made.append(AtariSuite(AtariConfig(task=task, **settings)).make(mode))
        return made[-1]

    yield build
    for env in made:
        env.close()


@pytest.fixture
def play():
    """Plays the actions of a generator that is always the same: pictures and answers."""

    def turns(env, seed, count=20):
        rng = np.random.default_rng(0)
        pictures, answers = [env.reset(seed=seed)[0]["image"]], []
        for _ in range(count):
            obs, *answer = env.step(rng.integers(env.action_space.n))
            pictures.append(obs["image"])
            answers.append(answer)
        return np.stack(pictures), answers

    return turns
