from __future__ import annotations

import math

import carla
import numpy as np
import pytest

from wmframe_carla.tasks import PRESETS, TASKS, task_name
from wmframe_carla.weather import Sky, preset, weather_of


def test_the_presets_are_those_of_the_installed_client():
    kind = carla.WeatherParameters
    theirs = [name for name in dir(kind) if isinstance(getattr(kind, name), kind)]
    assert sorted([*PRESETS, "Default"]) == sorted(theirs)
    assert preset("HardRainSunset") == kind.HardRainSunset


@pytest.mark.parametrize("name", ["clear-noon", "carla_ClearNoon", "CLEAR_NOON", "ClearNoon"])
def test_names_are_understood_as_others_write_them(name):
    assert task_name(name) == "ClearNoon"
    assert task_name("changing") == "Changing"
    assert task_name("Fog") == "Fog"  # left for the check of choices to refuse


def test_all_tasks_are_their_own_names():
    assert [task_name(name) for name in TASKS] == list(TASKS)


def test_the_storm_comes_and_goes_between_its_extremes():
    sky, turns, seen = Sky(0.0, 0.0, 0.0), 0, []
    for _ in range(8000):
        later = sky.later(0.1)
        turns += later.rising != sky.rising
        seen.append(later.storm)
        sky = later
    assert (min(seen), max(seen)) == (-250.0, 100.0)
    assert turns == 3  # up by 100, down by 350, up by 350, then down


def test_a_storm_at_its_height_rains_and_floods_and_one_far_off_does_not():
    high, dry = Sky(0, 0, 100.0, False).parameters(), Sky(0, 0, -250.0).parameters()
    assert (high["cloudiness"], high["precipitation"], high["wetness"]) == (60, 80, 100)
    assert (high["precipitation_deposits"], high["wind_intensity"]) == (85, 40.0)
    assert {dry[name] for name in ("cloudiness", "precipitation", "wetness")} == {0}
    assert dry["wind_intensity"] == 5.0


def test_puddles_lag_behind_the_rain():
    assert Sky(0, 0, 5.0, rising=True).parameters()["precipitation_deposits"] == 0
    assert Sky(0, 0, -5.0, rising=False).parameters()["precipitation_deposits"] == 85


def test_the_sun_circles_between_the_horizon_and_45_degrees():
    heights = [Sky(p, 0, 0).parameters()["sun_altitude_angle"] for p in (0, math.pi / 2, math.pi)]
    assert heights == pytest.approx([45.0, 22.5, 0.0])
    assert Sky(0, 359.9, 0).later(1.0).azimuth == pytest.approx(0.15)


def test_a_drawn_sky_is_fixed_by_its_generator_and_mostly_dry():
    drawn = [Sky.drawn(np.random.default_rng(seed)) for seed in range(300)]
    assert drawn[7] == Sky.drawn(np.random.default_rng(7))
    assert 0.6 < np.mean([sky.storm == -50.0 for sky in drawn]) < 0.8  # 250 of 350
    assert all(sky.storm == -50.0 or 0 < sky.storm <= 100 for sky in drawn)


def test_the_client_takes_every_parameter():
    sky = Sky(1.0, 90.0, 50.0)
    weather = weather_of(sky)
    for name, value in sky.parameters().items():
        assert getattr(weather, name) == pytest.approx(value, abs=1e-4)
