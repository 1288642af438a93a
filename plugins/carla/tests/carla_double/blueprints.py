"""Doubles of blueprints."""

from __future__ import annotations

from fnmatch import fnmatch

import carla

from carla_double.signatures import Checked

BLUEPRINTS = {
    "vehicle.audi.a2": {"number_of_wheels": ["4"], "color": ["1,2,3", "4,5,6"], "role_name": [""]},
    "vehicle.seat.leon": {"number_of_wheels": ["4"], "role_name": [""]},
    "vehicle.tesla.model3": {
        "number_of_wheels": ["4"],
        "color": ["9,9,9"],
        "driver_id": ["1", "2"],
        "role_name": [""],
    },
    "vehicle.yamaha.yzf": {"number_of_wheels": ["2"], "driver_id": ["1"], "role_name": [""]},
    "sensor.camera.rgb": {
        "image_size_x": ["800"],
        "image_size_y": ["600"],
        "fov": ["90"],
        "enable_postprocess_effects": ["true"],
    },
    "sensor.other.collision": {},
}


class BlueprintLibrary(Checked):
    """A few of CARLA's blueprints."""

    _real = carla.BlueprintLibrary

    def find(self, name):
        if name not in BLUEPRINTS:
            raise IndexError(f"blueprint '{name}' not found")
        return ActorBlueprint(name)

    def filter(self, wildcard_pattern):
        return [ActorBlueprint(kind) for kind in BLUEPRINTS if fnmatch(kind, wildcard_pattern)]


class ActorBlueprint(Checked):
    """A blueprint, whose attributes can be set to strings."""

    _real = carla.ActorBlueprint

    def __init__(self, kind: str) -> None:
        self._id = kind
        self._values = {name: choice[0] for name, choice in BLUEPRINTS[kind].items()}

    @property
    def id(self):
        return self._id

    def has_attribute(self, name):
        return name in self._values

    def get_attribute(self, name):
        return ActorAttribute(self._values[name], BLUEPRINTS[self._id][name])

    def set_attribute(self, name, value):
        if name not in self._values:
            raise IndexError(f"attribute '{name}' not found")
        self._values[name] = value


class ActorAttribute(Checked):
    """An attribute's value and what is recommended for it."""

    _real = carla.ActorAttribute

    def __init__(self, value: str, choice: list[str]) -> None:
        self._value, self._choice = value, choice

    def as_int(self):
        return int(self._value)

    @property
    def recommended_values(self):
        return self._choice
