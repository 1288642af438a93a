"""Doubles of a server, and of what a client sees of it."""

from __future__ import annotations

import math
from fnmatch import fnmatch
from typing import Any, ClassVar

import carla

from carla_double.actors import Actor, Sensor, Vehicle
from carla_double.blueprints import BlueprintLibrary
from carla_double.opendrive import highway
from carla_double.signatures import Checked, check_call

ROOM = 4.0  # metres between the middles of cars that do not touch
IMPULSE = 2000.0


class Server:
    """A server, which a test can harm.

    Attributes:
        alive: whether it answers.
        version: what it says.
        dies_in: ticks until it does no more.
        silent: whether cameras give nothing.
        skew: added to the frame of pictures.
        crowded: whether nothing can be spawned.
        ticks: how often it was ticked, over all worlds.
    """

    running: ClassVar[dict[int, Server]] = {}

    def __init__(self, port: int = 2000, town: str = "Town04", text: str | None = None) -> None:
        self.port, self.town, self.text = port, town, text or highway()
        self.alive, self.version, self.dies_in = True, "0.9.16", None
        self.silent, self.skew, self.crowded, self.ticks = False, 0, False, 0
        self.weather: Any = None
        self.calls: list[tuple[str, str]] = []
        self.restart()
        Server.running[port] = self

    def restart(self, town: str | None = None) -> None:
        """Begin with an empty world, as a new process would."""
        self.town = town or self.town
        self.alive, self.dies_in = True, None
        self.frame, self.settings = 0, carla.WorldSettings()
        self.actors: dict[int, Actor] = {}
        self._managers: dict[int, TrafficManager] = {}
        self._numbers = iter(range(1, 10**6))
        self._loaded = carla.Map(f"Carla/Maps/{self.town}", self.text)

    def kinds(self) -> list[str]:
        """What lives on it."""
        return [actor._kind for actor in self.actors.values()]

    @property
    def car(self) -> Vehicle:
        """The car that the environment drives."""
        return next(a for a in self.actors.values() if a._kind == "vehicle.audi.a2")

    def _map(self):
        return self._loaded

    def _answer(self):
        if not self.alive:
            raise RuntimeError(
                "time-out of 1000ms while waiting for the simulator, make sure the simulator is "
                f"ready and connected to localhost:{self.port}"
            )

    def _tick(self):
        self._answer()
        assert self.settings.synchronous_mode, "tick() makes no sense in asynchronous mode"
        self.frame, self.ticks = self.frame + 1, self.ticks + 1
        if self.dies_in is not None:
            self.dies_in -= 1
            self.alive = self.dies_in > 0
            self._answer()
        for actor in self.actors.values():
            actor._tick(self.settings.fixed_delta_seconds)
        for actor in list(self.actors.values()):
            if isinstance(actor, Sensor) and not (self.silent and "camera" in actor._kind):
                actor._sense(self.frame + self.skew)
        return self.frame

    def _impulses(self, car):
        others = [a for a in self.actors.values() if isinstance(a, Vehicle) and a is not car]
        return [IMPULSE for other in others if self._distance(car, other._x, other._y) < ROOM]

    def _distance(self, actor, x, y):
        return math.hypot(actor._x - x, actor._y - y)

    def _spawn(self, blueprint, pose, parent):
        self._answer()
        kind, number = blueprint._id, next(self._numbers)
        if kind.startswith("vehicle."):
            taken = [a for a in self.actors.values() if isinstance(a, Vehicle)]
            near = [a for a in taken if self._distance(a, pose.location.x, pose.location.y) < ROOM]
            if self.crowded or near:
                return None
            actor: Actor = Vehicle(self, number, kind, pose)
        else:
            settings = dict(blueprint._values)
            actor = Sensor(self, number, kind, pose, parent=parent, attributes=settings)
        self.actors[number] = actor
        return actor

    def _remove(self, number):
        actor = self.actors.pop(number, None)
        if actor is not None:
            actor._there = False


class Client(Checked):
    """What ``carla.Client`` is replaced by."""

    _real = carla.Client

    def __init__(self, *given: Any, **named: Any) -> None:
        check_call(self._real, "__init__", given, named)
        self._connect(*given, **named)

    def _connect(self, host="127.0.0.1", port=2000, worker_threads=0):
        self._server = Server.running.get(port) or _nobody(port)
        self._calls = self._server.calls
        self._timeout = 5.0

    def set_timeout(self, seconds):
        self._timeout = seconds

    def get_server_version(self):
        self._server._answer()
        return self._server.version

    def get_available_maps(self):
        self._server._answer()
        return [f"/Game/Carla/Maps/{town}" for town in ("Town01", "Town04", "Town04_Opt")]

    def get_world(self):
        self._server._answer()
        return World(self._server)

    def load_world(self, map_name, reset_settings=True, map_layers=None):
        self._server._answer()
        self._server.restart(map_name)
        return World(self._server)

    def get_trafficmanager(self, port=8000):
        self._server._answer()
        return self._server._managers.setdefault(port, TrafficManager(self._server, port))

    def apply_batch_sync(self, commands, do_tick=False):
        self._server._answer()
        for command in commands:
            assert isinstance(command, carla.command.DestroyActor)
            self._server._remove(command.actor_id)
        return []


def _nobody(port: int) -> Server:
    server = Server(port)
    del Server.running[port]
    server.alive = False
    return server


class World(Checked):
    """A world of a server; of one that waits for ticks it knows no actors before the first."""

    _real = carla.World

    def __init__(self, server: Server) -> None:
        self._server, self._calls = server, server.calls
        self._sees = not server.settings.synchronous_mode

    def tick(self, seconds=0.0):
        self._sees = True
        return self._server._tick()

    def get_map(self):
        self._server._answer()
        return self._server._map()

    def get_settings(self):
        self._server._answer()
        return _copied(self._server.settings)

    def apply_settings(self, settings, seconds=0.0):
        self._server._answer()
        self._server.settings = _copied(settings)
        return self._server.frame

    def set_weather(self, weather):
        self._server._answer()
        self._server.weather = weather

    def get_actors(self):
        self._server._answer()
        return ActorList(list(self._server.actors.values()) if self._sees else [])

    def get_blueprint_library(self):
        self._server._answer()
        return BlueprintLibrary()

    def try_spawn_actor(self, blueprint, transform, attach_to=None, attachment_type=None, bone=""):
        return self._server._spawn(blueprint, transform, attach_to)

    def spawn_actor(self, blueprint, transform, attach_to=None, attachment_type=None, bone=""):
        actor = self._server._spawn(blueprint, transform, attach_to)
        if actor is None:
            raise RuntimeError("Spawn failed because of collision at spawn position")
        return actor


def _copied(settings: carla.WorldSettings) -> carla.WorldSettings:
    copy = carla.WorldSettings()
    for name in vars(carla.WorldSettings):
        if not name.startswith("_"):
            setattr(copy, name, getattr(settings, name))
    return copy


class ActorList(Checked):
    """Some actors."""

    _real = carla.ActorList

    def __init__(self, actors: list[Actor]) -> None:
        self._actors = actors

    def filter(self, wildcard_pattern):
        return ActorList([a for a in self._actors if fnmatch(a._kind, wildcard_pattern)])

    def __iter__(self):
        return iter(self._actors)

    def __len__(self):
        return len(self._actors)


class TrafficManager(Checked):
    """Keeps what it was told."""

    _real = carla.TrafficManager

    def __init__(self, server: Server, port: int) -> None:
        self._server, self._port, self._calls = server, port, server.calls
        self._told: dict[str, Any] = {}

    def set_synchronous_mode(self, mode_switch=True):
        self._told["synchronous"] = mode_switch

    def set_random_device_seed(self, value):
        self._told["seed"] = value

    def set_global_distance_to_leading_vehicle(self, distance):
        self._told["gap"] = distance

    def global_percentage_speed_difference(self, percentage):
        self._told["slower"] = percentage

    def shut_down(self):
        self._server._managers.pop(self._port, None)
