"""Lane geometry on the real client library, without a server."""

from __future__ import annotations

import math
import os
from pathlib import Path

import carla
import pytest
from carla_double import Road, network

from wmframe_carla.config import STRETCHES, LaneConfig, SpawnConfig
from wmframe_carla.lane import OFF_ROAD_OFFSET, followed_lane, locate, waypoint_near
from wmframe_carla.server import read_map

REFERENCE, MENDED, PLAIN = (LaneConfig(rules=rules) for rules in ("reference", "mended", "plain"))
STILL = carla.Vector3D()


def place(town, road, lane, s, right=0.0):
    """A location, some metres to the right of the middle of a lane."""
    pose = town.get_waypoint_xodr(road, lane, s).transform
    side = pose.get_right_vector()
    there = pose.location
    return carla.Location(there.x + right * side.x, there.y + right * side.y, there.z)


@pytest.mark.parametrize(
    ("road", "lane", "s", "right"),
    [(45, -1, 120.0, 0.5), (45, -4, 20.0, -1.2), (103, -2, 40.0, 1.0), (659, 2, 30.0, 0.7)],
)
def test_the_offset_is_the_distance_from_the_middle_on_either_side(town, road, lane, s, right):
    fix = locate(town, place(town, road, lane, s, right), STILL, PLAIN)
    assert (fix.road, fix.lane, fix.lost) == (road, lane, "")
    assert fix.offset == pytest.approx(abs(right), abs=1e-3)


@pytest.mark.parametrize(("road", "lane"), [(45, -2), (103, -2), (659, 3)])
@pytest.mark.parametrize("degrees", [0, 30, 90, 180])
def test_only_the_part_of_the_velocity_along_the_lane_counts(town, road, lane, degrees):
    pose = town.get_waypoint_xodr(road, lane, 30.0).transform
    heading = math.radians(pose.rotation.yaw + degrees)
    velocity = carla.Vector3D(20 * math.cos(heading), 20 * math.sin(heading), 3.0)
    fix = locate(town, pose.location, velocity, PLAIN)
    assert fix.along == pytest.approx(20 * math.cos(math.radians(degrees)), abs=0.05)
    assert fix.speed == pytest.approx(20.0, abs=1e-3)  # over the ground


@pytest.mark.parametrize(
    ("lane", "reference", "mended", "plain"),
    [
        ((45, -3), (45, -3), (45, -3), (45, -3)),
        ((50, 1), (50, -1), (50, -1), (50, 1)),
        ((47, -5), (47, -4), (47, -4), (47, -5)),
        ((51, -5), (51, -5), (51, -5), (51, -5)),
        ((660, -1), (659, 1), (659, 1), (660, -1)),
        ((559, -1), (558, 1), (558, 1), (559, -1)),
        ((718, -1), (717, 1), (717, 1), (718, -1)),
        ((102, 1), (102, 1), (103, -1), (102, 1)),
        ((886, 1), (886, 1), (887, -1), (886, 1)),
        ((93, -1), (103, -3), (103, -3), (93, -1)),
        ((94, -2), (103, -3), (103, -3), (94, -2)),
        ((103, -4), (103, -3), (103, -3), (103, -4)),
        ((103, -2), (103, -2), (103, -2), (103, -2)),
    ],
)
def test_shoulders_and_the_exit_are_judged_by_a_driving_lane(lane, reference, mended, plain):
    assert followed_lane(*lane, REFERENCE) == reference
    assert followed_lane(*lane, MENDED) == mended
    assert followed_lane(*lane, PLAIN) == plain


def test_without_the_branch_cut_the_exit_is_a_lane_like_others():
    config = LaneConfig(branch_cut=False)
    assert followed_lane(93, -1, config) == (93, -1)
    assert followed_lane(103, -4, config) == (103, -4)


def test_on_a_shoulder_the_offset_is_that_from_the_lane_beside_it(town):
    fix = locate(town, place(town, 45, -5, 50.0), STILL, REFERENCE)
    assert (fix.road, fix.lane) == (45, -4)
    assert fix.offset == pytest.approx(3.5, abs=1e-3)
    beside = locate(town, place(town, 660, -1, 20.0), STILL, REFERENCE)
    assert (beside.road, beside.lane) == (659, 1)


def test_where_the_lane_to_judge_by_does_not_exist_the_car_is_off_the_road():
    branch = carla.Map("branch", network([Road(93, 0, 0, 0, 60, right=1)]))
    here = place(branch, 93, -1, 30.0)
    lost = locate(branch, here, carla.Vector3D(3, 4, 0), REFERENCE)  # there is no road 103
    assert lost == (103, -3, OFF_ROAD_OFFSET, 0.0, 5.0, "off_road")
    assert locate(branch, here, STILL, PLAIN).lost == ""


def test_at_the_end_of_the_last_road_the_lane_ends(town):
    end = locate(town, place(town, 46, -1, 179.95), carla.Vector3D(9, 0, 0), REFERENCE)
    assert (end.lost, end.along) == ("lane_end", 0.0)
    assert locate(town, place(town, 45, -1, 599.95), STILL, REFERENCE).lost == ""  # goes on in 103


def test_a_place_missed_by_rounding_is_found_beside_it(town):
    assert town.get_waypoint_xodr(46, -1, 180.01) is None
    assert waypoint_near(town, 46, -1, 180.01).s == pytest.approx(179.99)
    assert waypoint_near(town, 46, -1, 180.05) is None
    assert waypoint_near(town, 46, -9, 50.0) is None


def follow(town, start, frames, dt=0.05, speed=15.0):
    """A bicycle that steers for a point ahead in its lane; the fixes and metres along the lane."""
    pose = town.get_waypoint_xodr(*start).transform
    x, y, heading = pose.location.x, pose.location.y, math.radians(pose.rotation.yaw)
    fixes, metres = [], 0.0
    for _ in range(frames):
        here = carla.Location(x, y, 0)
        velocity = carla.Vector3D(speed * math.cos(heading), speed * math.sin(heading), 0)
        fix = locate(town, here, velocity, REFERENCE)
        fixes.append(fix)
        if fix.lost:
            break
        metres += fix.along * dt
        aim = town.get_waypoint(here).next(6.0)
        if aim:
            there = aim[0].transform.location
            bearing = math.atan2(there.y - y, there.x - x) - heading
            heading += 2 * speed * math.sin(bearing) / 6.0 * dt
        x, y = x + speed * math.cos(heading) * dt, y + speed * math.sin(heading) * dt
    return fixes, metres


def test_a_car_that_follows_its_lane_makes_the_length_of_the_roads(town):
    fixes, metres = follow(town, (45, -2, 100.0), 1200)
    assert list(dict.fromkeys(fix.road for fix in fixes)) == [45, 103, 46]
    assert {fix.lane for fix in fixes} == {-2}
    assert max(fix.offset for fix in fixes[:-1]) < 0.5
    assert fixes[-1].lost == "lane_end"
    curve = 80 * (1 + 0.01 * 5.25)  # the lane is 5.25 m right of the reference line, outside
    assert metres == pytest.approx(500 + curve + 180, abs=2.0)


@pytest.mark.skipif("WMFRAME_XODR" not in os.environ, reason="WMFRAME_XODR names no Town04.xodr")
def test_town04_has_the_roads_of_the_settings():
    town04, spawn = read_map(Path(os.environ["WMFRAME_XODR"])), SpawnConfig()
    for stretch in STRETCHES:
        for lane in stretch.lanes:
            for s in (stretch.start + 1, stretch.end - 1):
                assert waypoint_near(town04, stretch.road, lane, s) is not None
    for lane in spawn.lanes:
        fixes, metres = follow(town04, (spawn.road, lane, spawn.s), 1000)
        assert metres > 300
        assert fixes[0].offset < 0.01
