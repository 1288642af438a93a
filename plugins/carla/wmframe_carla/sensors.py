"""The car's sensors: cameras with images matched to frames, and collisions."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wmframe_carla.config import CameraConfig

if TYPE_CHECKING:
    import carla


class SensorFault(RuntimeError):
    """A sensor gave nothing in time, or only what belongs to a later frame."""


class FrameQueue:
    """Pictures of one camera, which the client's threads receive, by the frame they belong to."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: queue.SimpleQueue[carla.Image] = queue.SimpleQueue()
        self.put = self._queue.put

    def take(self, frame: int, timeout: float) -> carla.Image:
        """Wait for the picture of ``frame``; those of earlier frames are dropped.

        Args:
            frame: as ``World.tick`` gave it.
            timeout: seconds.

        Raises:
            SensorFault: it does not come, or that of a later frame does.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                image = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                what = f"{self._name} gave nothing for frame {frame} in {timeout:g} s"
                raise SensorFault(what) from None
            if image.frame == frame:
                return image
            if image.frame > frame:
                raise SensorFault(f"{self._name} gave frame {image.frame}, not frame {frame}")


class Cameras:
    """Cameras on the car, side by side; each is turned by its own width from the next."""

    def __init__(self, world: carla.World, car: carla.Actor, config: CameraConfig) -> None:
        self.actors: list[carla.Sensor] = []
        self._queues: list[FrameQueue] = []
        self._images: list[carla.Image] = []
        blueprint = camera_blueprint(world, config)
        for yaw in yaws(config):
            self._add(world, car, blueprint, camera_pose(config, yaw))

    def _add(
        self, world: carla.World, car: carla.Actor, blueprint: Any, pose: carla.Transform
    ) -> None:
        waiting: FrameQueue = FrameQueue(f"camera {len(self.actors) + 1}")
        sensor: Any = world.spawn_actor(blueprint, pose, attach_to=car)
        self.actors.append(sensor)
        self._queues.append(waiting)
        sensor.listen(waiting.put)

    def receive(self, frame: int, timeout: float) -> None:
        """Wait for the pictures of ``frame``.

        Raises:
            SensorFault: one does not come in time.
        """
        self._images = [waiting.take(frame, timeout) for waiting in self._queues]

    def picture(self) -> NDArray[np.uint8]:
        """The pictures received last, uint8 [H, count * W, 3]."""
        return np.concatenate([rgb(image) for image in self._images], axis=1)


class CollisionLog:
    """Adds up the impulses of collisions, from whichever thread tells of them."""

    def __init__(self, world: carla.World, car: carla.Actor) -> None:
        import carla

        self._impulses: queue.SimpleQueue[float] = queue.SimpleQueue()
        blueprint = world.get_blueprint_library().find("sensor.other.collision")
        sensor: Any = world.spawn_actor(blueprint, carla.Transform(), attach_to=car)
        self.actor: carla.Sensor = sensor
        sensor.listen(self._note)

    def _note(self, event: carla.CollisionEvent) -> None:
        self._impulses.put(event.normal_impulse.length())

    def take(self) -> float:
        """The sum of magnitudes in N s since the last call; a late event counts then."""
        total = 0.0
        while True:
            try:
                total += self._impulses.get_nowait()
            except queue.Empty:
                return total


def yaws(config: CameraConfig) -> list[float]:
    """Degrees to the right at which each camera looks, from left to right."""
    outermost = config.count // 2
    return [config.fov * step for step in range(-outermost, outermost + 1)]


def camera_blueprint(world: carla.World, config: CameraConfig) -> carla.ActorBlueprint:
    """A colour camera of the configured size."""
    blueprint = world.get_blueprint_library().find("sensor.camera.rgb")
    settings = {
        "image_size_x": str(config.size),
        "image_size_y": str(config.size),
        "fov": str(config.fov),
        "enable_postprocess_effects": "True",
    }
    for name, value in settings.items():
        blueprint.set_attribute(name, value)
    return blueprint


def camera_pose(config: CameraConfig, yaw: float) -> carla.Transform:
    """Where a camera sits on the car and looks."""
    import carla

    return carla.Transform(carla.Location(*config.position), carla.Rotation(yaw=yaw))


def rgb(image: carla.Image) -> NDArray[np.uint8]:
    """A picture as uint8 [H, W, 3]; CARLA gives blue, green, red, alpha."""
    bgra = np.frombuffer(image.raw_data, np.uint8).reshape(image.height, image.width, 4)
    return np.ascontiguousarray(bgra[..., 2::-1])
