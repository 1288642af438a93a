"""The tasks: one route, in each of CARLA's weather presets, or in a changing one."""

from __future__ import annotations

import re
from typing import Final

PAPERS: Final = (
    "ClearNoon",
    "CloudyNoon",
    "WetNoon",
    "WetCloudyNoon",
    "MidRainyNoon",
    "HardRainNoon",
    "SoftRainNoon",
    "ClearSunset",
    "CloudySunset",
    "WetSunset",
    "WetCloudySunset",
    "MidRainSunset",
    "HardRainSunset",
    "SoftRainSunset",
)
"""The fixed weathers of the reference."""

PRESETS: Final = (
    *PAPERS,
    "ClearNight",
    "CloudyNight",
    "WetNight",
    "WetCloudyNight",
    "MidRainyNight",
    "HardRainNight",
    "SoftRainNight",
    "DustStorm",
)
"""Every fixed weather of CARLA 0.9.16."""

CHANGING: Final = "Changing"
"""Sun and storm that move while the car drives; see :mod:`wmframe_carla.weather`."""

TASKS: Final = (*PRESETS, CHANGING)


def _plain(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())


_NAMES: Final = {_plain(name): name for name in TASKS}


def task_name(name: str) -> str:
    """Our name of a weather: ``clear-noon`` and the reference's ``carla_ClearNoon`` too."""
    return _NAMES.get(_plain(name).removeprefix("carla"), name)


SCORES: Final = {
    "distance": "max",
    "collision_cost": "sum",
    "steering_cost": "sum",
    "centering_cost": "sum",
}
"""Scores of an episode, and their reduction over steps."""
