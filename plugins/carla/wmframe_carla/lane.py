"""The car's position in its lane and its speed along it: geometry on CARLA's road map.

The rules about shoulders know the road numbers of Town04, the highway of DBC (Zhang et al. 2021).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from wmframe_carla.config import LaneConfig

if TYPE_CHECKING:
    import carla

Lane = tuple[int, int]
"""Road and lane, by OpenDRIVE's numbers."""

_HIGHWAY: Final = range(45, 51)
SHOULDERS: Final[Mapping[Lane, Lane]] = {
    **{(road, 1): (road, -1) for road in _HIGHWAY},
    **{(road, -5): (road, -4) for road in _HIGHWAY},
    **{(road, -1): (road - 1, 1) for road in (660, 559, 718)},
}
"""Town04's shoulders, each with the adjacent driving lane."""

MORE_SHOULDERS: Final[Mapping[Lane, Lane]] = {(102, 1): (103, -1), (886, 1): (887, -1)}
"""Two more, which the reference names but by mistake never compares with."""

BRANCH: Final = (93, 94)
BRANCH_LANE: Final = (103, -4)
BRANCH_SHOULDER_OF: Final = (103, -3)

OFF_ROAD_OFFSET: Final = 100.0
"""Metres that being off every lane counts as."""
LOOK_AHEAD: Final = 0.1
"""Metres ahead at which the direction of a lane is taken."""
NUDGE: Final = 0.02
"""CARLA's resolution of s in metres: a position missed by rounding is found at this distance."""


class Fix(NamedTuple):
    """Where the car is.

    Attributes:
        road: of the reference lane.
        lane: that lane.
        offset: metres from its middle.
        along: metres a second along it.
        speed: metres a second over the ground.
        lost: why the lane cannot be followed on: ``off_road``, ``lane_end`` or empty.
    """

    road: int
    lane: int
    offset: float
    along: float
    speed: float
    lost: str = ""


def followed_lane(road: int, lane: int, config: LaneConfig) -> Lane:
    """The reference lane for the lane that the car is on."""
    if config.rules == "plain":
        return road, lane
    moved = SHOULDERS.get((road, lane), (road, lane))
    if config.rules == "mended":
        moved = MORE_SHOULDERS.get((road, lane), moved)
    on_branch = moved[0] in BRANCH or moved == BRANCH_LANE
    return BRANCH_SHOULDER_OF if config.branch_cut and on_branch else moved


def locate(
    town: carla.Map, location: carla.Location, velocity: carla.Vector3D, config: LaneConfig
) -> Fix:
    """Find the car in its lane.

    Args:
        town: the map.
        location: of the car, in metres.
        velocity: of the car, in m/s.
        config: selects the reference lane.
    """
    nearest = town.get_waypoint(location)
    road, lane = followed_lane(nearest.road_id, nearest.lane_id, config)
    speed = math.hypot(velocity.x, velocity.y)
    goal = waypoint_near(town, road, lane, nearest.s)
    if goal is None:
        return Fix(road, lane, OFF_ROAD_OFFSET, 0.0, speed, "off_road")
    middle = goal.transform.location
    offset = math.hypot(location.x - middle.x, location.y - middle.y)
    ahead = goal.next(LOOK_AHEAD)
    if not ahead:
        return Fix(road, lane, offset, 0.0, speed, "lane_end")
    along = speed_along(middle, ahead[0].transform.location, velocity)
    return Fix(road, lane, offset, along, speed)


def waypoint_near(town: carla.Map, road: int, lane: int, s: float) -> carla.Waypoint | None:
    """The waypoint at ``s`` metres, or next to it if rounding has missed it."""
    for place in (s, s - NUDGE, s + NUDGE):
        found: carla.Waypoint | None = town.get_waypoint_xodr(road, lane, place)
        if found is not None:
            return found
    return None


def speed_along(here: carla.Location, ahead: carla.Location, velocity: carla.Vector3D) -> float:
    """The part of a velocity in m/s that points from ``here`` to ``ahead``, over the ground."""
    x, y = ahead.x - here.x, ahead.y - here.y
    length = math.hypot(x, y)
    return (velocity.x * x + velocity.y * y) / length if length else 0.0
