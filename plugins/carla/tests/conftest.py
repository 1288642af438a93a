"""The double in place of CARLA's client, and environments on it."""

from __future__ import annotations

import sys
from pathlib import Path

import carla
import pytest

sys.path.append(str(Path(__file__).parent))  # the package carla_double

from carla_double import Client, Server, highway

from wmframe_carla.config import CarlaConfig, ServerConfig, StretchConfig, TrafficConfig
from wmframe_carla.suite import CarlaSuite

TRAFFIC = TrafficConfig(vehicles=3, stretches=(StretchConfig(45, 150.0, 590.0),))


@pytest.fixture(scope="session")
def town():
    """The real library's map of our own road network."""
    return carla.Map("Town04", highway())


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server on port 2000; locks of servers are kept apart from those of real runs."""
    monkeypatch.setattr(Server, "running", {})
    monkeypatch.setattr(carla, "Client", Client)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Server()


@pytest.fixture
def make(server):
    """Builds environments on the double, and closes them."""
    made = []

    def build(mode="train", *, ports=(2000,), retries=2, **settings):
        place = ServerConfig(ports=ports, timeout=1.0, retries=retries, retry_wait=0.0)
        settings = {"traffic": TRAFFIC, "sensor_timeout": 0.05, **settings}
        made.append(CarlaSuite(CarlaConfig(server=place, **settings)).make(mode))
        return made[-1]

    yield build
    for env in made:
        env.close()
