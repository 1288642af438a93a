"""The suite that takes no time."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from gymnasium import spaces

from wmframe.envs.blank import BlankSuite
from wmframe.envs.vector import Simulators
from wmframe.recipe.structure import structure_part
from wmframe.types import TensorSpec


def make(**settings):
    return structure_part("suite", {"use": "blank", **settings}).build()


def test_it_observes_and_accepts_what_the_settings_say():
    env = make(size=32, vector=5, actions=3, discrete=True).make()
    assert {key: space.shape for key, space in env.observation_space.items()} == {
        "image": (32, 32, 3),
        "vector": (5,),
    }
    assert env.action_space == spaces.Discrete(3)
    assert set(make(size=0, vector=2).make().observation_space) == {"vector"}


@pytest.mark.parametrize("action", [spaces.Box(-1, 1, (2,), np.float32), spaces.Discrete(4)])
def test_it_can_look_like_other_simulators(action):
    obs = {"image": TensorSpec((8, 8, 3), "uint8"), "joints": TensorSpec((7,), "float32")}
    with Simulators(BlankSuite.like(obs, action), 2, seed=0) as simulators:
        assert simulators.obs == obs
        assert simulators.codec.space == action
        simulators.send(None)
        assert simulators.receive().data["joints"].shape == (2, 7)


def test_workers_need_no_torch_for_it():
    code = "import sys, wmframe.envs.blank, wmframe.envs.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
