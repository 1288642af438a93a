"""All actors on one server: the town, the car with its sensors, weather and traffic."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from wmframe_carla.config import CarlaConfig
from wmframe_carla.lane import Fix, locate
from wmframe_carla.sensors import Cameras, CollisionLog
from wmframe_carla.server import (
    car_blueprint,
    connect,
    lane_map,
    load_town,
    set_asynchronous,
    set_synchronous,
    sweep,
)
from wmframe_carla.traffic import Traffic
from wmframe_carla.weather import Weather

if TYPE_CHECKING:
    import carla

CLEANUP_TIMEOUT = 2.0
"""Seconds that a server may take to answer when all that is left is to clean up."""


class Sight(NamedTuple):
    """The car after a frame.

    Attributes:
        fix: where in its lane.
        height: in metres.
        rising: metres a second upwards.
        impulse: sum of the magnitudes of collisions' impulses, in N s.
    """

    fix: Fix
    height: float
    rising: float
    impulse: float


class Scene:
    """Drives one server in synchronous mode. What the server does wrong is a RuntimeError.

    Args:
        client: connected to the server.
        settings: of the suite.
        port: of the server.
    """

    def __init__(self, client: carla.Client, settings: CarlaConfig, port: int) -> None:
        self._client, self._settings = client, settings
        self._world = load_town(client, settings.town)
        self._town = lane_map(self._world, settings)
        manager_port = port + settings.traffic.port_offset
        self._traffic = Traffic(client, self._world, self._town, settings.traffic, manager_port)
        self._weather = Weather(self._world, settings.task, settings.weather_speed)
        self._actors: list[Any] = []

    @classmethod
    def open(cls, settings: CarlaConfig, port: int) -> Self:
        """Connect, and put the car with its sensors on the road.

        Raises:
            RuntimeError: the server does not answer, or there is no room for the car.
            SimulatorError: it is not a server for these settings.
        """
        server = settings.server
        scene = cls(connect(server.host, port, server.timeout), settings, port)
        try:
            scene._furnish()
        except BaseException:
            scene.close()
            raise
        return scene

    def _furnish(self) -> None:
        set_synchronous(self._world, self._settings.dt)
        sweep(self._client, self._world)
        self._world.tick()
        self._car = self._spawn_car()
        self._cameras = Cameras(self._world, self._car, self._settings.cameras)
        self._actors[:0] = self._cameras.actors  # sensors are destroyed before their car
        self._collisions = CollisionLog(self._world, self._car)
        self._actors.insert(0, self._collisions.actor)

    def _spawn_car(self) -> Any:
        blueprint = car_blueprint(self._world, self._settings.vehicle)
        for lane in self._settings.spawn.lanes:
            car: Any = self._world.try_spawn_actor(blueprint, self._start(lane))
            if car is not None:
                self._actors.append(car)
                return car
        raise RuntimeError(f"no room for the car on road {self._settings.spawn.road}")

    def _start(self, lane: int) -> carla.Transform:
        spawn = self._settings.spawn
        waypoint = self._town.get_waypoint_xodr(spawn.road, lane, spawn.s)
        assert waypoint is not None  # lane_map has looked
        pose = waypoint.transform
        pose.location.z += spawn.height
        return pose

    def begin(self, seed: int) -> None:
        """Begin an episode: weather, the car at its start, new traffic, and a first picture."""
        rng = np.random.default_rng(seed)
        self._weather.begin(rng)
        self._traffic.clear()
        self._world.tick()
        self._place_car(
            self._settings.spawn.lanes[int(rng.integers(len(self._settings.spawn.lanes)))]
        )
        self._world.tick()
        self._traffic.renew(rng)
        self._tick()
        self._collisions.take()  # what the old episode did

    def _place_car(self, lane: int) -> None:
        import carla

        if not self._car.is_alive:
            raise RuntimeError("the car is gone from the server")
        self._car.apply_control(carla.VehicleControl())  # else it would keep the last one
        self._car.set_transform(self._start(lane))
        self._car.set_target_velocity(carla.Vector3D())
        self._car.set_target_angular_velocity(carla.Vector3D())

    def drive(self, steer: float, pedal: float) -> Sight:
        """Simulate a frame.

        Args:
            steer: in [-1, 1], positive to the right.
            pedal: throttle in (0, 1], brake in [-1, 0).
        """
        import carla

        throttle, brake = max(pedal, 0.0), max(-pedal, 0.0)
        self._car.apply_control(carla.VehicleControl(throttle=throttle, steer=steer, brake=brake))
        self._tick()
        self._weather.advance()
        location, velocity = self._car.get_location(), self._car.get_velocity()
        fix = locate(self._town, location, velocity, self._settings.lanes)
        return Sight(fix, location.z, velocity.z, self._collisions.take())

    def _tick(self) -> None:
        frame = self._world.tick()
        self._cameras.receive(frame, self._settings.sensor_timeout)

    def picture(self) -> NDArray[np.uint8]:
        """What the cameras see, uint8 [H, W, 3]."""
        return self._cameras.picture()

    def close(self) -> None:
        """Destroy what was made and let the server run by itself; a dead one is left alone."""
        self._client.set_timeout(CLEANUP_TIMEOUT)
        alive = True
        try:
            self._client.get_server_version()
        except RuntimeError:
            alive = False
        if alive:
            self._destroy()
        self._traffic.shut_down()
        if alive:
            with suppress(RuntimeError):
                set_asynchronous(self._world)

    def _destroy(self) -> None:
        with suppress(RuntimeError):
            self._traffic.clear()
        for actor in self._actors:
            with suppress(RuntimeError):
                if actor.type_id.startswith("sensor."):
                    actor.stop()
                actor.destroy()
        self._actors = []
