"""A CARLA server: connecting, choosing the town, synchronous mode."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wmframe.errors import MissingError, SimulatorError
from wmframe.suggest import suggest
from wmframe_carla.config import CarlaConfig

if TYPE_CHECKING:
    import carla

START = "./CarlaUE4.sh -RenderOffScreen -fps=20 -carla-streaming-port=0 -carla-rpc-port={port}"
"""How a server is started."""


def connect(host: str, port: int, timeout: float) -> carla.Client:
    """A client of a server that answers.

    Raises:
        RuntimeError: nothing answers within ``timeout`` seconds.
    """
    import carla

    client = carla.Client(host, port)
    client.set_timeout(timeout)
    client.get_server_version()
    return client


def load_town(client: carla.Client, town: str) -> carla.World:
    """The world with the town of that name, which is loaded if another one is there.

    Raises:
        SimulatorError: the server does not have it.
    """
    world = client.get_world()
    if base_name(world.get_map().name) == town:
        return world
    towns = sorted({base_name(name) for name in client.get_available_maps()})
    if town not in towns:
        hint = suggest(town, towns) or "install CARLA's additional maps, or set another town"
        raise SimulatorError(f"the CARLA server has no town {town!r}: {', '.join(towns)}", hint)
    return client.load_world(town)


def base_name(name: str) -> str:
    """``Town04`` of ``Carla/Maps/Town04``, as newer servers call it."""
    return name.rpartition("/")[2]


def lane_map(world: carla.World, settings: CarlaConfig) -> carla.Map:
    """The map to find lanes on: the world's, or that of ``map_file``.

    Raises:
        MissingError: there is no such file.
        SimulatorError: it is no OpenDRIVE, or lacks the lanes on which the car begins.
    """
    town = world.get_map() if settings.map_file is None else read_map(settings.map_file)
    spawn = settings.spawn
    for lane in spawn.lanes:
        if town.get_waypoint_xodr(spawn.road, lane, spawn.s) is None:
            place = f"lane {lane} of road {spawn.road} at {spawn.s:g} m"
            hint = "set suite.spawn to a place of this map, or suite.map_file to another map"
            raise SimulatorError(f"{base_name(town.name)} has no {place}", hint)
    return town


def read_map(path: Path) -> carla.Map:
    """The map of an OpenDRIVE file."""
    import carla

    if not path.exists():
        raise MissingError(f"there is no file {path}", "set suite.map_file to an OpenDRIVE file")
    try:
        return carla.Map(path.stem, path.read_text())
    except (RuntimeError, UnicodeDecodeError) as error:
        hint = "give suite.map_file an .xodr file"
        raise SimulatorError(f"{path} is not OpenDRIVE: {error}", hint) from error


def car_blueprint(world: carla.World, name: str) -> carla.ActorBlueprint:
    """The blueprint of a vehicle.

    Raises:
        SimulatorError: the server has none of that name.
    """
    library = world.get_blueprint_library()
    known = sorted(blueprint.id for blueprint in library.filter("vehicle.*"))
    if name not in known:
        hint = suggest(name, known) or f"set suite.vehicle to one of {', '.join(known)}"
        raise SimulatorError(f"the CARLA server has no vehicle {name!r}", hint)
    return library.find(name)


def set_synchronous(world: carla.World, dt: float) -> None:
    """Let the server wait for ``tick``, which then takes ``dt`` seconds.

    A client that was killed leaves a server that waits already. To a new client it then shows no
    actors and delays new settings until the next frame, so that one is ticked first.
    """
    settings = world.get_settings()
    if settings.synchronous_mode:
        world.tick()
    settings.synchronous_mode = True
    settings.no_rendering_mode = False
    settings.fixed_delta_seconds = dt
    world.apply_settings(settings)


def set_asynchronous(world: carla.World) -> None:
    """Let the server run by itself again."""
    settings = world.get_settings()
    settings.synchronous_mode = False
    settings.fixed_delta_seconds = None
    world.apply_settings(settings)


def sweep(client: carla.Client, world: carla.World) -> None:
    """Destroy vehicles and sensors that an earlier client left."""
    import carla

    actors = world.get_actors()
    left = [*actors.filter("sensor.*"), *actors.filter("vehicle.*")]
    client.apply_batch_sync([carla.command.DestroyActor(actor.id) for actor in left])
