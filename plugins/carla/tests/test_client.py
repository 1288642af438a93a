"""What the plugin uses of the client is in the installed one, and the double holds it to that."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import carla
import pytest
from carla_double import NotInClient, Server
from carla_double.server import Client, World

import wmframe_carla

SOURCES = sorted(Path(wmframe_carla.__file__).parent.glob("*.py"))


def paths(source):
    """Every dotted name that begins with ``carla``."""
    for node in ast.walk(ast.parse(source.read_text())):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if parts and isinstance(node, ast.Name) and node.id == "carla":
            yield tuple(parts)


USED = sorted({path for source in SOURCES for path in paths(source)})


def test_some_paths_are_found():
    assert ("command", "DestroyActor") in USED and len(USED) > 15


@pytest.mark.parametrize("path", USED, ids=".".join)
def test_it_is_in_the_installed_client(path):
    owner = carla
    for name in path:
        assert hasattr(owner, name)
        owner = getattr(owner, name)


def test_the_client_is_imported_only_where_it_is_used():
    code = (
        "import sys, wmframe_carla.plugin, wmframe_carla.config, wmframe_carla.suite,"
        "wmframe_carla.env, wmframe_carla.doctor;"
        "sys.exit(bool({'torch', 'carla'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda w: w.tock(),
        lambda w: w.tick("soon"),
        lambda w: w.tick(1.0, 2.0),
        lambda w: w.tick(timeout=1.0),
        lambda w: w.apply_settings(7),
        lambda w: w.apply_settings(),
        lambda w: w.get_blueprint_library().find(3),
        lambda w: setattr(w, "weather", None),
    ],
    ids=range(8),
)
def test_the_double_refuses_what_the_client_does_not_have(server, call):
    with pytest.raises(NotInClient):
        call(World(server))


def test_the_double_is_built_as_the_client_is(server):
    assert Client("localhost", port=2000).get_server_version() == server.version
    for given, named in (((2000,), {}), (("localhost", 2000, 0, 1), {}), ((), {"timeout": 1.0})):
        with pytest.raises(NotInClient):
            Client(*given, **named)


def test_settings_count_only_when_they_are_applied(server):
    world = World(server)
    settings = world.get_settings()
    settings.synchronous_mode = True
    assert not world.get_settings().synchronous_mode
    world.apply_settings(settings)
    assert world.get_settings().synchronous_mode


def test_the_double_refuses_a_name_that_only_one_of_library_and_stub_has(server):
    client = Client("localhost", 2000)
    assert client.get_trafficmanager(8000)
    for name in ("port", "client_connection"):
        with pytest.raises(NotInClient):
            client.get_trafficmanager(**{name: 8000})


def test_a_server_that_is_not_there_is_refused_in_the_clients_own_words(server):
    ours = "time-out of 1000ms while waiting for the simulator"
    with pytest.raises(RuntimeError, match=ours):
        Client("localhost", 3999).get_server_version()
    assert set(Server.running) == {2000}


def test_the_real_client_says_the_same():
    client = carla.Client("localhost", 1)
    client.set_timeout(0.1)
    with pytest.raises(RuntimeError, match="while waiting for the simulator"):
        client.get_server_version()
