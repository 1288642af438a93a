"""Weather that changes: a sun that circles and a storm that comes and goes.

The figures are those of the example ``dynamic_weather.py`` that CARLA ships, with the sun kept
above the horizon as in DBC (Zhang et al. 2021).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from wmframe_carla.tasks import CHANGING

if TYPE_CHECKING:
    import carla

HIGHEST: Final = 45.0
"""Degrees above the horizon at noon."""
DRIEST: Final = -250.0
WETTEST: Final = 100.0
"""Between these the storm goes to and fro; it rains above zero."""
STORM_SPEED: Final = 1.3
"""How far it goes in a second."""


@attrs.frozen
class Sky:
    """One moment of changing weather.

    Attributes:
        phase: of the sun's height, in [0, 2 pi).
        azimuth: of the sun in degrees, in [0, 360).
        storm: where between driest and wettest.
        rising: whether the storm is coming.
    """

    phase: float
    azimuth: float
    storm: float
    rising: bool = True

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Sky:
        """The sky of a new episode. Most begin dry: a drawn storm below zero counts as -50."""
        azimuth, phase = rng.uniform(0, 360), rng.uniform(0, 2 * math.pi)
        storm = rng.uniform(DRIEST, WETTEST)
        return cls(phase, azimuth, storm if storm > 0 else -50.0)

    def later(self, seconds: float) -> Sky:
        """The sky after ``seconds`` of weather."""
        step = STORM_SPEED * seconds * (1 if self.rising else -1)
        storm = _clamp(self.storm + step, DRIEST, WETTEST)
        turned = storm == WETTEST if self.rising else storm == DRIEST
        return Sky(
            (self.phase + 0.008 * seconds) % (2 * math.pi),
            (self.azimuth + 0.25 * seconds) % 360,
            storm,
            self.rising != turned,
        )

    def parameters(self) -> dict[str, float]:
        """Names and values of CARLA's weather parameters, in percent and degrees."""
        clouds = _clamp(self.storm + 40, 0, 60)
        delay = -10 if self.rising else 90  # puddles come late and stay long
        return {
            "cloudiness": clouds,
            "precipitation": _clamp(self.storm, 0, 80),
            "precipitation_deposits": _clamp(self.storm + delay, 0, 85),
            "wind_intensity": 5.0 if clouds <= 20 else 40.0,
            "fog_density": 0.0,
            "wetness": _clamp(5 * self.storm, 0, 100),
            "sun_azimuth_angle": self.azimuth,
            "sun_altitude_angle": HIGHEST * (1 + math.cos(self.phase)) / 2,
        }


class Weather:
    """Sets the weather of a world.

    Args:
        world: a client's.
        task: a preset's name, or ``Changing``.
        speed: seconds of changing weather a frame.
    """

    def __init__(self, world: carla.World, task: str, speed: float) -> None:
        self._world, self._task, self._speed = world, task, speed
        self._sky: Sky | None = None

    def begin(self, rng: np.random.Generator) -> None:
        """Set an episode's first weather."""
        if self._task == CHANGING:
            self._sky = Sky.drawn(rng)
            self.advance()
        else:
            self._world.set_weather(preset(self._task))

    def advance(self) -> None:
        """Advance by a frame, if the weather changes."""
        if self._sky is not None:
            self._sky = self._sky.later(self._speed)
            self._world.set_weather(weather_of(self._sky))


def preset(name: str) -> carla.WeatherParameters:
    """A weather that CARLA has ready."""
    import carla

    found: carla.WeatherParameters = getattr(carla.WeatherParameters, name)
    return found


def weather_of(sky: Sky) -> carla.WeatherParameters:
    """A sky as CARLA takes it; what the sky does not say is as CARLA builds it."""
    import carla

    return carla.WeatherParameters(**sky.parameters())


def _clamp(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))
