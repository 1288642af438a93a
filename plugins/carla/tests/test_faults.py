"""Servers that die, cameras that fail, no room, two simulators on one server."""

from __future__ import annotations

import numpy as np
import pytest
from carla_double import Server

from wmframe.errors import RecipeError, SimulatorError
from wmframe.recipe.structure import structure_part
from wmframe_carla.config import TrafficConfig

FULL = np.array([0.0, 1.0], np.float32)
ALONE = TrafficConfig(vehicles=0)


def failed(env, server):
    """Step once, expecting the episode to end by the server's fault."""
    with pytest.warns(UserWarning, match="CARLA at localhost, port 2000, failed"):
        obs, reward, terminated, truncated, info = env.step(FULL)
    assert (reward, terminated, truncated) == (0.0, False, True)
    assert info["end"] == "server_failed"
    assert {"distance", "collision_cost", "steering_cost", "centering_cost"} <= set(info)
    return obs["image"]


def test_a_server_that_dies_truncates_the_episode_with_the_last_picture(make, server):
    env = make()
    env.reset(seed=0)
    last = env.step(FULL)[0]["image"]
    server.alive = False
    np.testing.assert_array_equal(failed(env, server), last)


def test_the_next_episode_begins_on_the_server_that_came_back(make, server):
    env = make()
    env.reset(seed=0)
    env.step(FULL)
    server.dies_in = 2
    assert not env.step(FULL)[3]
    failed(env, server)
    server.restart()
    env.reset(seed=1)
    assert len(server.actors) == 6
    assert env.step(FULL)[2:4] == (False, False)


def test_a_server_that_stays_away_is_waited_for_and_then_said(make, server, monkeypatch):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    env = make(retries=3)
    server.alive = False
    with pytest.raises(SimulatorError, match=r"does not work: time-out") as wrong:
        env.reset(seed=0)
    assert len(waits) == 3
    assert "-carla-rpc-port=2000" in wrong.value.hint
    assert "wmframe doctor carla --port 2000" in wrong.value.hint


def test_a_server_that_returns_while_it_is_waited_for_is_used(make, server, monkeypatch):
    server.alive = False
    monkeypatch.setattr("time.sleep", lambda _: server.restart())
    env = make()
    env.reset(seed=0)
    assert env.step(FULL)[2:4] == (False, False)


def test_pictures_of_another_frame_end_the_episode(make, server):
    env = make()
    env.reset(seed=0)
    server.skew = 1
    failed(env, server)
    server.skew = 0
    env.reset(seed=1)
    assert len(server.actors) == 6  # nothing of the failed scene is left
    assert not env.step(FULL)[3]


def test_a_silent_camera_ends_the_episode(make, server):
    env = make()
    env.reset(seed=0)
    server.silent = True
    failed(env, server)
    server.silent = False
    env.reset(seed=1)
    assert not env.step(FULL)[3]


def test_a_camera_that_never_works_ends_the_run_with_its_name(make, server):
    server.silent = True
    with pytest.raises(SimulatorError, match="camera 1 gave nothing for frame"):
        make().reset(seed=0)
    assert not server.actors  # each attempt has cleaned up
    assert not server.settings.synchronous_mode


def test_a_car_for_which_there_is_no_room_is_said(make, server):
    server.crowded = True
    with pytest.raises(SimulatorError, match="no room for the car on road 45"):
        make().reset(seed=0)


def test_a_car_that_vanished_is_built_anew(make, server):
    env = make(traffic=ALONE)
    env.reset(seed=0)
    server._remove(server.car._number)
    failed(env, server)
    env.reset(seed=1)
    server._remove(server.car._number)
    env.reset(seed=2)  # it is missed at the reset, too
    assert not env.step(FULL)[3]


def test_episodes_cut_short_one_after_the_other_end_the_run(make, server):
    env = make(retries=2)
    for seed in range(3):
        env.reset(seed=seed)
        server.dies_in = 1
        failed(env, server)
        server.restart()
    with pytest.raises(SimulatorError, match="failed in 3 episodes in a row"):
        env.reset(seed=3)


def test_a_whole_episode_forgives_earlier_failures(make, server):
    env = make(retries=1, time_limit=2)
    for seed in range(4):
        env.reset(seed=seed)
        if seed % 2:
            assert [env.step(FULL)[3] for _ in range(2)] == [False, True]
            continue
        server.dies_in = 1
        failed(env, server)
        server.restart()


def test_closing_beside_a_dead_server_is_quiet(make, server):
    env = make()
    env.reset(seed=0)
    server.alive = False
    env.close()


def test_two_simulators_do_not_share_a_server(make, server):
    Server(2020)
    make(ports=(2000, 2020)).reset(seed=0)
    make(ports=(2000, 2020)).reset(seed=0)
    assert len(Server.running[2020].actors) == 6  # the second took the second
    with pytest.raises(SimulatorError, match="another simulator uses") as wrong:
        make(ports=(2000, 2020)).reset(seed=0)
    assert "simulators = 1" in wrong.value.hint


def test_evaluation_has_a_server_of_its_own(make, server):
    other = Server(2010)
    make().reset(seed=0)
    make("eval").reset(seed=0)
    assert set(server._managers) == {8001} and set(other._managers) == {8011}


@pytest.mark.parametrize(
    ("ports", "offset", "message"),
    [
        ((), 10, r"write ports = \[2000\]"),
        ((2000, 2010), 10, "port 2010 is a training and an evaluation server's"),
        ((2000,), 0, "port 2000 is a training and an evaluation server's"),
        ((60000,), 10, "no port 66001"),
        ((2000, 8001), 10, "port 8001 is a server's and a traffic manager's"),
    ],
)
def test_ports_that_cannot_all_be_used_are_refused_before_the_run(ports, offset, message):
    server = {"ports": list(ports), "eval_offset": offset}
    with pytest.raises(RecipeError, match=message):
        structure_part("suite", {"use": "carla", "server": server})


def test_a_closed_environment_gives_its_server_free(make, server):
    first = make()
    first.reset(seed=0)
    first.close()
    make().reset(seed=0)
