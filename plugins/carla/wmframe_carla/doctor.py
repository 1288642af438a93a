"""``wmframe doctor carla``: checks the server, its version and the road of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wmframe.distributions import version_of
from wmframe.plugin import Finding
from wmframe_carla.config import STRETCHES, CarlaConfig
from wmframe_carla.server import START, base_name, connect

if TYPE_CHECKING:
    import carla


def check(host: str = "localhost", port: int = 2000, timeout: float = 5.0) -> Iterator[Finding]:
    """Look at a server without changing it.

    Args:
        host: the machine on which it runs.
        port: its first port.
        timeout: seconds that a call may take.
    """
    ours = version_of("carla")
    yield Finding("client", True, f"carla {ours}")
    try:
        client = connect(host, port, timeout)
        yield from _server(client, ours)
    except RuntimeError as error:
        fix = f"{START.format(port=port)}, on {host}"
        yield Finding(f"server {host}:{port}", False, f"does not answer: {error}", fix)


def _server(client: carla.Client, ours: str) -> Iterator[Finding]:
    theirs = client.get_server_version()
    release = theirs.partition("-")[0]
    fix = f"start CARLA {ours}; or, if it is there for this Python: pip install carla=={release}"
    yield Finding("server", release == ours, f"CARLA {theirs}", fix)
    yield town(client)
    world = client.get_world()
    busy = world.get_settings().synchronous_mode
    detail = "waits for a client: a run uses it, or one was killed" if busy else "free"
    yield Finding("mode", True, detail)
    yield from roads(world.get_map())


def town(client: carla.Client) -> Finding:
    """Whether the server has the town of the default settings."""
    wanted = CarlaConfig().town
    towns = sorted({base_name(name) for name in client.get_available_maps()})
    fix = f"install a CARLA that has {wanted}, or set suite.town"
    return Finding("towns", wanted in towns, ", ".join(towns), fix)


def roads(loaded: carla.Map) -> Iterator[Finding]:
    """Whether the loaded map has the roads of the default settings, if it is that town."""
    settings = CarlaConfig()
    if base_name(loaded.name) != settings.town:
        yield Finding("map", True, f"{base_name(loaded.name)}; a run loads {settings.town}")
        return
    spawn = settings.spawn
    places = [(spawn.road, lane, spawn.s) for lane in spawn.lanes]
    places += [(s.road, lane, (s.start + s.end) / 2) for s in STRETCHES for lane in s.lanes]
    missing = [place for place in places if loaded.get_waypoint_xodr(*place) is None]
    listed = ", ".join(f"road {road} lane {lane} at {s:g} m" for road, lane, s in missing)
    detail = f"{settings.town}, {len(places) - len(missing)} of {len(places)} lanes found"
    fix = f"set suite.map_file to the map of CARLA 0.9.8; this one has no {listed}"
    yield Finding("map", not missing, detail, fix)
