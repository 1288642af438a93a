"""Environments of other packages, each skipped where its package is not installed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from wmframe.registry import registry
from wmframe.testing import check_component

FETCH = {
    "id": "gymnasium_robotics:FetchReach-v4",
    "kwargs": {"width": 64, "height": 64},
    "vectors": True,
    "scores": {"success": "max"},
}
CASES = {
    "pygame": {"id": "CartPole-v1", "vectors": True},
    "minigrid": {"id": "minigrid:MiniGrid-DoorKey-5x5-v0", "vectors": True},
    "crafter": {
        "id": "crafter:Env",
        "kwargs": {"area": [32, 32]},  # a small world is made sooner
        "scores": {"achievements/collect_wood": "ever"},
    },
    "gymnasium_robotics": FETCH,
}


@pytest.mark.gl
@pytest.mark.parametrize("package", CASES)
def test_it_conforms_and_shows_more_than_one_colour(make, package):
    pytest.importorskip(package)
    [component] = registry().plugin("gymnasium").components
    check_component(component, CASES[package])
    image = make(**CASES[package]).reset(seed=1)[0]["image"]
    assert np.ptp(image) > 50


def test_minigrid_shows_the_whole_grid_what_the_agent_sees_or_its_codes(make):
    pytest.importorskip("minigrid")
    name = "minigrid:MiniGrid-Empty-5x5-v0"
    whole = make(name)
    partial = make(name, wrappers=("minigrid.wrappers:RGBImgPartialObsWrapper",))
    codes = make(name, pixels="observation")
    images = [env.reset(seed=0)[0]["image"] for env in (whole, partial, codes)]
    assert {image.shape for image in images} == {(64, 64, 3)}
    assert np.ptp(images[0]) > 100 and np.ptp(images[1]) > 100
    assert images[2].max() <= 10  # MiniGrid's codes, not colours
    vectors = make(name, pixels="none").reset(seed=0)[0]
    assert {key: value.shape for key, value in vectors.items()} == {
        "direction": (4,),
        "obs_image": (147,),
    }


PLAY = """
import sys, hashlib
import numpy as np
from wmframe_gymnasium.config import GymnasiumConfig
from wmframe_gymnasium.suite import GymnasiumSuite
litter = [object() for _ in range(int(sys.argv[1]))]  # moves what comes after it in memory
env = GymnasiumSuite(GymnasiumConfig(id="crafter:Env")).make()
digest, rng, ends = hashlib.md5(), np.random.default_rng(0), (False, False)
digest.update(env.reset(seed=3)[0]["image"].tobytes())
while not any(ends):
    obs, reward, *ends, info = env.step(int(rng.integers(17)))
    digest.update(obs["image"].tobytes())
print(digest.hexdigest(), ends)
"""


@pytest.mark.slow
def test_crafters_episodes_repeat_in_other_processes():
    pytest.importorskip("crafter")
    played = {
        subprocess.run(
            [sys.executable, "-c", PLAY, litter], capture_output=True, text=True, check=True
        ).stdout
        for litter in ("0", "1000", "77777")
    }
    assert len(played) == 1
    assert "[True, False]" in played.pop()  # it died


def test_crafters_own_limit_truncates(make):
    pytest.importorskip("crafter")
    env = make("crafter:Env", kwargs={"length": 3, "size": [96, 96], "area": [32, 32]})
    env.reset(seed=0)
    assert [env.step(0)[2:4] for _ in range(3)] == [(False, False)] * 2 + [(False, True)]


@pytest.mark.gl
def test_the_goal_of_a_robot_is_among_its_vectors_and_success_is_scored(make):
    pytest.importorskip("gymnasium_robotics")
    env = make(**FETCH)
    obs, _ = env.reset(seed=0)
    assert {"achieved_goal", "desired_goal", "observation"} < set(obs)
    done = False
    while not done:  # the hand goes where it should
        error = obs["desired_goal"] - obs["achieved_goal"]
        action = np.append(10 * error, 0).clip(-1, 1).astype(np.float32)
        obs, _, _, done, info = env.step(action)
    assert info["success"] == 1.0
