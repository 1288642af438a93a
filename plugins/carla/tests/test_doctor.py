from __future__ import annotations

from typer.testing import CliRunner

from wmframe.cli.app import build_app
from wmframe_carla.doctor import check


def test_a_server_that_fits_has_nothing_off(server):
    findings = list(check())
    assert all(finding.ok for finding in findings)
    assert [finding.subject for finding in findings] == ["client", "server", "towns", "mode", "map"]
    assert not server.settings.synchronous_mode and not server.ticks  # only looked at


def test_no_server_is_said_with_how_to_start_one(server):
    *_, last = check(port=2345, timeout=0.1)
    assert not last.ok and "does not answer" in last.detail
    assert "-carla-rpc-port=2345" in last.fix


def test_another_version_is_said_with_the_client_to_install(server):
    server.version = "0.9.15-2-g1a2b3c"
    found = {finding.subject: finding for finding in check()}
    assert not found["server"].ok
    assert found["server"].fix.endswith("pip install carla==0.9.15")


def test_a_build_of_the_same_version_is_fine(server):
    server.version = "0.9.16-3-g1a2b3c"
    assert {finding.subject: finding for finding in check()}["server"].ok


def test_a_map_without_the_roads_is_said_with_those(server):
    server.text = server.text.replace('id="103"', 'id="104"').replace(
        'elementId="103"', 'elementId="104"'
    )
    server.restart()
    found = {finding.subject: finding for finding in check()}
    assert not found["map"].ok
    assert "road 103 lane -1 at 25 m" in found["map"].fix


def test_another_town_is_no_fault(server):
    server.restart("Town01")
    found = {finding.subject: finding for finding in check()}
    assert found["map"].ok and "Town01" in found["map"].detail


def test_the_command_line_asks_it(server):
    words = ["doctor", "carla", "--port", "2345", "--timeout", "0.1"]
    result = CliRunner().invoke(build_app(words), words)
    assert result.exit_code == 1
    assert "server localhost:2345" in result.output
