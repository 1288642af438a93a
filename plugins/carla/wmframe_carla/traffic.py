"""Other cars: where they are spawned, and the traffic manager that drives them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wmframe_carla.config import StretchConfig, TrafficConfig
from wmframe_carla.lane import waypoint_near

if TYPE_CHECKING:
    import carla

WHEELS = 4
LIFT = 0.1
"""Metres above the road at which cars appear."""
SEEDS = 2**31


class Place(NamedTuple):
    """A place on a lane, by OpenDRIVE's numbers; ``s`` is metres from the road's beginning."""

    road: int
    lane: int
    s: float


def draw_place(stretches: Sequence[StretchConfig], rng: np.random.Generator) -> Place:
    """Draw a place, uniform over the length of all stretches and over the lanes there."""
    lengths = np.array([stretch.end - stretch.start for stretch in stretches])
    stretch = stretches[int(rng.choice(len(stretches), p=lengths / lengths.sum()))]
    lane = stretch.lanes[int(rng.integers(len(stretch.lanes)))]
    return Place(stretch.road, lane, float(rng.uniform(stretch.start, stretch.end)))


class Traffic:
    """The other cars of one server.

    Args:
        client: connected to it.
        world: its world, in synchronous mode.
        town: where the lanes are.
        config: how many cars, where, and how they drive.
        port: of the traffic manager, which runs in this process.
    """

    def __init__(
        self,
        client: carla.Client,
        world: carla.World,
        town: carla.Map,
        config: TrafficConfig,
        port: int,
    ) -> None:
        self._client, self._world, self._town = client, world, town
        self._config, self._port = config, port
        self._manager: carla.TrafficManager | None = None
        self.ids: list[int] = []

    def renew(self, rng: np.random.Generator) -> None:
        """Let cars of another episode appear; those that would stand in another do not."""
        if not self._config.vehicles:
            return
        manager = self._managed(int(rng.integers(SEEDS)))
        blueprints = cars(self._world)
        for _ in range(self._config.vehicles):
            blueprint = painted(blueprints[int(rng.integers(len(blueprints)))], rng)
            self._appear(blueprint, draw_place(self._config.stretches, rng))
        manager.global_percentage_speed_difference(self._config.slower)

    def _managed(self, seed: int) -> carla.TrafficManager:
        # positional: the stub and the library call this argument by different names
        self._manager = self._client.get_trafficmanager(self._port)
        self._manager.set_synchronous_mode(True)
        self._manager.set_random_device_seed(seed)
        self._manager.set_global_distance_to_leading_vehicle(self._config.gap)
        return self._manager

    def _appear(self, blueprint: carla.ActorBlueprint, place: Place) -> None:
        waypoint = waypoint_near(self._town, *place)
        if waypoint is None:
            return
        pose = waypoint.transform
        pose.location.z += LIFT
        car: Any = self._world.try_spawn_actor(blueprint, pose)
        if car is not None:
            self.ids.append(car.id)
            car.set_autopilot(True, self._port)

    def clear(self) -> None:
        """Destroy the cars."""
        import carla

        commands = [carla.command.DestroyActor(car) for car in self.ids]
        self._client.apply_batch_sync(commands)
        self.ids = []

    def shut_down(self) -> None:
        """End the traffic manager, so that the server no longer waits for it."""
        manager: Any = self._manager
        self._manager = None
        if manager is not None:
            with suppress(RuntimeError):
                manager.set_synchronous_mode(False)
            with suppress(RuntimeError):
                manager.shut_down()


def cars(world: carla.World) -> list[carla.ActorBlueprint]:
    """Every blueprint with four wheels, in the order of names."""
    found = world.get_blueprint_library().filter("vehicle.*")
    wheeled = [b for b in found if b.get_attribute("number_of_wheels").as_int() == WHEELS]
    return sorted(wheeled, key=lambda blueprint: blueprint.id)


def painted(blueprint: carla.ActorBlueprint, rng: np.random.Generator) -> carla.ActorBlueprint:
    """The blueprint with a drawn colour and driver, where it has a choice of them."""
    for name in ("color", "driver_id"):
        if blueprint.has_attribute(name):
            values = blueprint.get_attribute(name).recommended_values
            blueprint.set_attribute(name, values[int(rng.integers(len(values)))])
    blueprint.set_attribute("role_name", "autopilot")
    return blueprint
