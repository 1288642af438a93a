"""Episodes on the double; see README.md for what that does and does not show."""

from __future__ import annotations

import carla
import numpy as np
import pytest
from carla_double.actors import CollisionEvent
from carla_double.blueprints import ActorBlueprint

from wmframe.errors import MissingError, SimulatorError
from wmframe_carla.config import CameraConfig, EndsConfig, SpawnConfig, TrafficConfig
from wmframe_carla.suite import CarlaSuite

ALONE = TrafficConfig(vehicles=0)
FULL = np.array([0.0, 1.0], np.float32)


def drive(env, actions):
    steps = []
    for action in actions:
        steps.append(env.step(np.asarray(action, np.float32)))
        if steps[-1][2] or steps[-1][3]:
            break
    return steps


def put(server, road, lane, s, speed=0.0):
    """Put the car somewhere else."""
    pose = server._map().get_waypoint_xodr(road, lane, s).transform
    car = server.car
    car._x, car._y, car._speed = pose.location.x, pose.location.y, speed
    car._yaw = np.radians(pose.rotation.yaw)


def test_the_server_is_driven_synchronously_with_the_fixed_step(make, server):
    env = make(dt=0.04)
    env.reset(seed=0)
    assert server.settings.synchronous_mode
    assert server.settings.fixed_delta_seconds == pytest.approx(0.04)
    before = server.frame
    drive(env, [FULL] * 5)
    assert server.frame == before + 5


def test_full_throttle_makes_way_along_the_lane(make, server):
    env = make(traffic=ALONE)
    env.reset(seed=0)
    start = server.car._x
    steps = drive(env, [FULL] * 60)
    moved = server.car._x - start
    assert moved > 20
    assert steps[-1][4]["distance"] == pytest.approx(moved, rel=1e-3)
    assert sum(step[1] for step in steps) == pytest.approx(moved, rel=1e-3)


def test_the_pedal_is_throttle_above_zero_and_brake_below(make, server):
    env = make(traffic=ALONE)
    env.reset(seed=0)
    env.step([0.25, 0.5])
    control = server.car._control
    assert (control.throttle, control.brake, control.steer) == (0.5, 0.0, 0.25)
    env.step([-1.0, -0.75])
    control = server.car._control
    assert (control.throttle, control.brake, control.steer) == (0.0, 0.75, -1.0)


def test_the_seed_chooses_lane_and_traffic(make, server):
    env = make()

    def arrangement(seed):
        env.reset(seed=seed)
        return [(a._kind, round(a._x, 3), round(a._y, 3)) for a in server.actors.values()]

    assert arrangement(5) == arrangement(5)
    starts = {arrangement(seed)[0][2] for seed in range(12)}
    assert starts == {1.75, 5.25, 8.75, 12.25}  # the middles of the four lanes


def test_a_new_episode_forgets_the_old_one(make, server):
    env = make(traffic=ALONE)
    first = env.reset(seed=3)[0]["image"]
    drive(env, [(0.3, 1.0)] * 40)
    again = env.reset(seed=3)[0]["image"]
    np.testing.assert_array_equal(first, again)
    assert server.car._speed == 0.0
    assert server.car._control.throttle == 0.0
    assert env.step(FULL)[4]["distance"] < 0.1


def test_pictures_are_rgb_and_stand_side_by_side(make):
    env = make(traffic=ALONE, cameras=CameraConfig(count=3, size=32))
    image = env.reset(seed=0)[0]["image"]
    assert image.shape == (32, 96, 3) == env.observation_space["image"].shape
    assert image[0, 0].tolist() == [0, 100, 200]
    views = np.split(image, 3, axis=1)
    assert not np.array_equal(views[0], views[1])
    assert not np.array_equal(views[1], views[2])


def test_a_camera_is_built_as_the_settings_say(make, server):
    make(cameras=CameraConfig(fov=75.0, position=(0.5, 0.1, 2.0))).reset(seed=0)
    camera = next(a for a in server.actors.values() if a._kind == "sensor.camera.rgb")
    assert camera._attributes["fov"] == "75.0" and camera._attributes["image_size_x"] == "64"
    assert (camera._x, camera._z) == (0.5, 2.0)
    assert camera._parent is server.car


def test_a_decision_pays_the_mean_of_its_frames(make):
    single, repeated = make(traffic=ALONE, action_repeat=1), None
    single.reset(seed=0)
    rewards = [single.step(FULL)[1] for _ in range(6)]
    single.close()
    repeated = make(traffic=ALONE, action_repeat=4, time_limit=6)
    repeated.reset(seed=0)
    steps = drive(repeated, [FULL] * 2)
    assert [step[1] for step in steps] == pytest.approx(
        [np.mean(rewards[:4]), np.mean(rewards[4:])]
    )
    assert [step[3] for step in steps] == [False, True]


def test_costs_are_counted_over_all_frames_of_a_decision(make):
    env = make(traffic=ALONE, action_repeat=4)
    env.reset(seed=0)
    info = env.step([0.5, 0.0])[4]
    assert info["steering_cost"] == pytest.approx(2.0)
    assert set(CarlaSuite.scores) <= set(info)


def test_a_collision_costs(make, server):
    env = make(traffic=ALONE)
    env.reset(seed=0)
    other = server._spawn(
        ActorBlueprint("vehicle.seat.leon"),
        carla.Transform(carla.Location(server.car._x + 4.5, server.car._y, 0.0)),
        None,
    )
    assert other is not None
    costs = [step[4]["collision_cost"] for step in drive(env, [FULL] * 20)]
    assert costs[0] == 0.0
    assert max(costs) == pytest.approx(2.0)  # 2000 N s


def test_a_collision_told_late_does_not_count_in_the_next_episode(make, server):
    env = make(traffic=ALONE)
    env.reset(seed=0)
    env.step(FULL)
    sensor = next(a for a in server.actors.values() if "collision" in a._kind)
    sensor._callback(CollisionEvent(server.frame, 500.0))
    env.reset(seed=1)
    assert env.step(FULL)[4]["collision_cost"] == 0.0


def test_the_time_limit_truncates(make):
    env = make(traffic=ALONE, time_limit=5)
    env.reset(seed=0)
    assert [step[2:4] for step in drive(env, [FULL] * 9)] == [(False, False)] * 4 + [(False, True)]


@pytest.mark.parametrize(
    ("road", "lane", "s", "reason"), [(22, -1, 10.0, "wrong_road"), (46, -1, 179.7, "lane_end")]
)
def test_leaving_the_route_is_terminal(make, server, road, lane, s, reason):
    env = make(traffic=ALONE)
    env.reset(seed=0)
    put(server, road, lane, s, speed=5.0)
    *_, terminated, truncated, info = env.step([0.0, 0.0])
    assert (terminated, truncated, info["end"]) == (True, False, reason)


def test_standing_still_is_looked_for_every_so_many_frames(make):
    env = make(traffic=ALONE, ends=EndsConfig(stuck_every=7))
    env.reset(seed=0)
    steps = drive(env, [(0.0, -1.0)] * 20)
    assert len(steps) == 7
    assert steps[-1][2] and steps[-1][4]["end"] == "stuck"


def test_a_car_thrown_up_at_the_start_ends_the_episode_without_being_terminal(make, server):
    env = make(traffic=ALONE, ends=EndsConfig(glitch_frames=3))
    env.reset(seed=0)
    server.car._rising = 2.0
    *_, terminated, truncated, info = env.step(FULL)
    assert (terminated, truncated, info["end"]) == (False, True, "thrown_up")
    env.reset(seed=0)
    server.car._rising = 0.0
    drive(env, [FULL] * 3)
    server.car._rising = 2.0
    assert env.step(FULL)[2:4] == (False, False)  # later it may jump


def test_a_fixed_weather_stays_and_a_changing_one_moves(make, server):
    env = make(task="HardRainNoon", traffic=ALONE)
    env.reset(seed=0)
    drive(env, [FULL] * 3)
    assert server.weather == carla.WeatherParameters.HardRainNoon
    env.close()
    env = make(task="Changing", traffic=ALONE)
    env.reset(seed=0)
    first = server.weather.sun_azimuth_angle
    drive(env, [FULL] * 4)
    assert server.weather.sun_azimuth_angle == pytest.approx((first + 4 * 0.025) % 360, abs=1e-3)
    env.reset(seed=0)
    assert server.weather.sun_azimuth_angle == first


def test_closing_leaves_an_empty_server_that_runs_by_itself(make, server):
    env = make()
    env.reset(seed=0)
    assert len(server.actors) == 6
    env.close()
    assert not server.actors and not server._managers
    assert not server.settings.synchronous_mode
    assert not server.settings.fixed_delta_seconds
    env.close()  # again does nothing


def test_what_an_earlier_client_left_is_swept_away(make, server):
    abandoned = make()
    abandoned.reset(seed=0)
    abandoned._claim.release()  # as when its process was killed
    assert server.settings.synchronous_mode
    make(traffic=ALONE).reset(seed=0)
    assert sorted(server.kinds()) == [
        "sensor.camera.rgb",
        "sensor.other.collision",
        "vehicle.audi.a2",
    ]


def test_another_town_is_loaded_and_one_that_is_there_is_not(make, server):
    env = make()
    env.reset(seed=0)
    assert ("Client", "load_world") not in server.calls
    env.close()
    server.restart("Town01")
    make().reset(seed=0)
    assert server.town == "Town04"
    assert ("Client", "load_world") in server.calls


def test_a_town_that_the_server_lacks_is_said_with_those_that_it_has(make):
    with pytest.raises(SimulatorError, match=r"no town 'Town4'.*Town01, Town04") as wrong:
        make(town="Town4").reset(seed=0)
    assert "Town04" in wrong.value.hint


def test_a_spawn_place_that_the_map_lacks_is_said_with_what_to_do(make):
    with pytest.raises(SimulatorError, match="no lane -9 of road 45 at 100 m") as wrong:
        make(spawn=SpawnConfig(lanes=(-1, -9))).reset(seed=0)
    assert "suite.spawn" in wrong.value.hint


def test_a_vehicle_that_the_server_lacks_is_said_with_what_to_do(make, server):
    with pytest.raises(SimulatorError, match=r"no vehicle 'vehicle\.audi\.a3'") as wrong:
        make(vehicle="vehicle.audi.a3").reset(seed=0)
    assert "vehicle.audi.a2" in wrong.value.hint
    assert not server.settings.synchronous_mode  # it was given back


def test_lanes_can_be_read_from_a_file(make, server, tmp_path):
    path = tmp_path / "own.xodr"
    env = make(map_file=path, traffic=ALONE)
    with pytest.raises(MissingError, match="there is no file"):
        env.reset(seed=0)
    env.close()
    path.write_text("no XML")
    env = make(map_file=path, traffic=ALONE)
    with pytest.raises(SimulatorError, match="is not OpenDRIVE"):
        env.reset(seed=0)
    env.close()
    path.write_text(server.text.replace('id="45"', 'id="77"'))
    env = make(map_file=path, traffic=ALONE, spawn=SpawnConfig(road=77))
    env.reset(seed=0)
    assert drive(env, [FULL] * 3)[-1][2:4] == (False, False)
