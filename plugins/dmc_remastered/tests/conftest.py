"""Environments that are closed after a test, and what the tests look at."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe_dmc_remastered.config import DmcRemasteredConfig
from wmframe_dmc_remastered.seeds import EpisodeSeeds
from wmframe_dmc_remastered.suite import DmcRemasteredSuite


@pytest.fixture
def make():
    """Builds an environment with procedural textures."""
    made = []

    def build(task="cartpole_balance", mode="train", render="fast", **settings):
        settings = {"assets": "procedural", **settings}
        made.append(
            DmcRemasteredSuite(DmcRemasteredConfig(task=task, render=render, **settings)).make(mode)
        )
        return made[-1]

    yield build
    for env in made:
        env.close()


@pytest.fixture
def picture():
    """The first picture of an episode with given seeds."""

    def draw(env, visual, dynamics=1):
        env.play(EpisodeSeeds(dynamics, visual))
        return env.observe()["image"]

    return draw


@pytest.fixture
def coarse():
    """A picture as 8x8 mean colours: what another renderer would draw, too, within 2 of 255."""

    def reduce(image_HWC):
        side = image_HWC.shape[0] // 8
        return image_HWC.reshape(8, side, 8, side, 3).mean((1, 3))

    return reduce


@pytest.fixture
def differs(coarse):
    """By how much two pictures differ at most, in mean colours of 8x8 fields, of 255."""
    return lambda one, other: float(np.abs(coarse(one) - coarse(other)).max())
