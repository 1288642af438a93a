"""A short drive in a real simulator, where there is one: see README.md, "Checking a server"."""

from __future__ import annotations

import os

import numpy as np
import pytest

from wmframe_carla.config import CameraConfig, CarlaConfig, ServerConfig, TrafficConfig
from wmframe_carla.doctor import check
from wmframe_carla.suite import CarlaSuite

HOST = os.environ.get("WMFRAME_CARLA_HOST", "")
PORT = int(os.environ.get("WMFRAME_CARLA_PORT", "2000"))

pytestmark = pytest.mark.skipif(not HOST, reason="WMFRAME_CARLA_HOST names no CARLA server")


@pytest.fixture
def make():
    made = []

    def build(**settings):
        server = ServerConfig(host=HOST, ports=(PORT,), timeout=60.0, retries=0)
        made.append(CarlaSuite(CarlaConfig(server=server, **settings)).make())
        return made[-1]

    yield build
    for env in made:
        env.close()


def test_the_doctor_finds_nothing_off():
    assert [finding for finding in check(HOST, PORT, 60.0) if not finding.ok] == []


def test_full_throttle_makes_way_and_the_picture_changes(make):
    env = make(traffic=TrafficConfig(vehicles=5))
    first = env.reset(seed=0)[0]["image"]
    for _ in range(100):
        obs, reward, terminated, truncated, info = env.step(np.array([0.0, 1.0], np.float32))
        assert np.isfinite(reward)
        if terminated or truncated:
            break
    assert info["distance"] > 5.0, info
    assert first.std() > 5 and np.abs(obs["image"].astype(int) - first).mean() > 1


def test_episodes_follow_one_another_and_the_server_is_given_back(make):
    env = make(task="Changing", cameras=CameraConfig(count=3), traffic=TrafficConfig(vehicles=5))
    for seed in range(3):
        assert env.reset(seed=seed)[0]["image"].shape == (64, 192, 3)
        for _ in range(10):
            env.step(np.array([0.1, 0.5], np.float32))
    env.close()
    from wmframe_carla.server import connect

    world = connect(HOST, PORT, 60.0).get_world()
    assert not world.get_settings().synchronous_mode
    assert not list(world.get_actors().filter("vehicle.*"))


def test_a_repeated_episode_is_about_the_same(make):
    env = make(traffic=TrafficConfig(vehicles=0))

    def distance():
        env.reset(seed=3)
        for _ in range(50):
            info = env.step(np.array([0.0, 0.6], np.float32))[4]
        return info["distance"]

    assert distance() == pytest.approx(distance(), rel=0.1)
