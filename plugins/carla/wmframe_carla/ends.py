"""Ends of an episode other than the time limit, as a function of the car's position."""

from __future__ import annotations

from typing import NamedTuple

from wmframe_carla.config import EndsConfig
from wmframe_carla.lane import Fix


class End(NamedTuple):
    """Why an episode ended, and whether that is the driver's doing."""

    reason: str
    terminal: bool


def ending(config: EndsConfig, fix: Fix, *, frame: int, height: float, rising: float) -> End | None:
    """Check whether an episode ends at a frame.

    Args:
        config: limits.
        fix: where the car is.
        frame: its number in the episode, from 1.
        height: of the car, in metres.
        rising: metres a second upwards.
    """
    if fix.lost:
        return End(fix.lost, True)
    if fix.road in config.roads:
        return End("wrong_road", True)
    thrown = height > config.glitch_height or rising > config.glitch_speed
    if frame <= config.glitch_frames and thrown:
        return End("thrown_up", False)  # the simulator's doing
    looked = config.stuck_every and frame % config.stuck_every == 0
    return End("stuck", True) if looked and fix.speed < config.stuck_speed else None
