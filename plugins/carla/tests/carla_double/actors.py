"""Doubles of actors: vehicles that roll, cameras that draw a lane, collision sensors."""

from __future__ import annotations

import math
from typing import Any

import carla
import numpy as np

from carla_double.signatures import Checked

WHEELBASE = 2.6
STEEPEST = 0.6  # radians of the front wheels
SPEED_OF_TRAFFIC = 8.0


class Actor(Checked):
    """Something in a world. What it says of itself is as old as the last tick."""

    _real = carla.Actor

    def __init__(self, server: Any, number: int, kind: str, pose: carla.Transform) -> None:
        self._server, self._number, self._kind = server, number, kind
        self._calls = server.calls
        self._there = True
        self._x, self._y, self._z = pose.location.x, pose.location.y, pose.location.z
        self._yaw = math.radians(pose.rotation.yaw)
        self._speed = self._rising = 0.0
        self._seen = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        self._pending: Any = None
        self._pilot: int | None = None  # the port of the traffic manager that drives it

    @property
    def id(self):
        return self._number

    @property
    def type_id(self):
        return self._kind

    @property
    def is_alive(self):
        return self._there

    def destroy(self):
        self._server._answer()
        self._expect_alive()
        self._server._remove(self._number)
        return True

    def set_transform(self, transform):
        self._expect_alive()
        self._pending = transform

    def set_target_velocity(self, velocity):
        self._expect_alive()
        self._speed = velocity.length()

    def set_target_angular_velocity(self, angular_velocity):
        self._expect_alive()

    def get_location(self):
        self._expect_alive()
        return carla.Location(*self._seen[:3])

    def get_velocity(self):
        self._expect_alive()
        return carla.Vector3D(*self._seen[3:])

    def _expect_alive(self):
        if not self._there:
            raise RuntimeError("trying to operate on a destroyed actor")

    def _tick(self, dt):
        if self._pending is not None:
            place, self._pending = self._pending, None
            self._x, self._y, self._z = place.location.x, place.location.y, place.location.z
            self._yaw = math.radians(place.rotation.yaw)
        self._move(dt)
        ahead = self._speed * math.cos(self._yaw), self._speed * math.sin(self._yaw)
        self._seen = (self._x, self._y, self._z, *ahead, self._rising)

    def _move(self, dt):
        pass


class Vehicle(Actor):
    """A car: a bicycle model under control, or on rails along its lane under the autopilot."""

    _real = carla.Vehicle

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._control = carla.VehicleControl()

    def apply_control(self, control):
        self._expect_alive()
        self._control = control

    def set_autopilot(self, enabled=True, tm_port=8000):
        self._expect_alive()
        assert tm_port in self._server._managers, "no traffic manager has that port"
        self._pilot = tm_port if enabled else None

    def _move(self, dt):
        if self._pilot is None:
            self._roll(dt)
        else:
            self._follow_lane(dt)

    def _roll(self, dt):
        pull = 6.0 * self._control.throttle - 8.0 * self._control.brake
        self._speed = max(0.0, self._speed + pull * dt)
        wheels = STEEPEST * self._control.steer
        self._yaw += self._speed * math.tan(wheels) / WHEELBASE * dt
        self._x += self._speed * math.cos(self._yaw) * dt
        self._y += self._speed * math.sin(self._yaw) * dt
        self._z = max(0.0, self._z - 0.02)

    def _follow_lane(self, dt):
        here = self._server._map().get_waypoint(carla.Location(self._x, self._y, self._z))
        ahead = here.next(SPEED_OF_TRAFFIC * dt)
        self._speed = SPEED_OF_TRAFFIC if ahead else 0.0
        if ahead:
            pose = ahead[0].transform
            self._x, self._y = pose.location.x, pose.location.y
            self._yaw = math.radians(pose.rotation.yaw)


class Sensor(Actor):
    """Gives data to who listens, of the frame that was ticked."""

    _real = carla.Sensor

    def __init__(self, *arguments: Any, parent: Vehicle, attributes: dict[str, str]) -> None:
        super().__init__(*arguments)
        self._parent, self._attributes = parent, attributes
        self._yaw = math.degrees(self._yaw)
        self._callback: Any = None

    def listen(self, callback):
        self._expect_alive()
        self._callback = callback

    def stop(self):
        self._expect_alive()
        self._callback = None

    def _sense(self, frame):
        if self._callback is None:
            return
        if self._kind == "sensor.camera.rgb":
            self._callback(Image(frame, self._attributes, self._parent, self._yaw))
        for impulse in self._server._impulses(self._parent) if "collision" in self._kind else ():
            self._callback(CollisionEvent(frame, impulse))


class Image(Checked):
    """A picture: blue above, grey below, the lane's middle as a yellow bar."""

    _real = carla.Image

    def __init__(self, frame: int, attributes: dict[str, str], car: Vehicle, yaw: float) -> None:
        self._frame, self._size = frame, int(attributes["image_size_x"])
        bgra = np.full((self._size, self._size, 4), 255, np.uint8)
        bgra[: self._size // 2, :, :3] = (200, 100, 0)
        bgra[self._size // 2 :, :, :3] = 90
        bar = self._size * (0.5 - (yaw + math.degrees(car._yaw)) / 120 + 0.05 * car._y)
        column = int(np.clip(bar, 0, self._size - 2))
        bgra[self._size // 2 :, column : column + 2, :3] = (0, 255, 255)
        self._bytes = bgra.tobytes()

    @property
    def frame(self):
        return self._frame

    @property
    def width(self):
        return self._size

    @property
    def height(self):
        return self._size

    @property
    def raw_data(self):
        return self._bytes


class CollisionEvent(Checked):
    """A collision."""

    _real = carla.CollisionEvent

    def __init__(self, frame: int, impulse: float) -> None:
        self._frame, self._impulse = frame, impulse

    @property
    def frame(self):
        return self._frame

    @property
    def normal_impulse(self):
        return carla.Vector3D(0.6 * self._impulse, 0.8 * self._impulse, 0.0)
