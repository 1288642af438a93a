"""``wmframe assets`` and ``wmframe doctor NAME``: questions that a component answers itself."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.packages import write_plugin

PLUGIN = """
from wmframe.plugin import Component, Finding, impl

@impl
def wmframe_components():
    yield Component("suite", "acme", target="wmframe_acme.suite:Acme", summary="robot tasks",
                    assets="wmframe_acme.plugin:install", doctor="wmframe_acme.plugin:check")
    yield Component("dataset", "acme.films", target="wmframe_acme.plugin:Films", summary="films")

def install(source, target):
    target.mkdir(parents=True)
    (target / "floor.png").write_bytes((source / "floor.png").read_bytes())
    return ["1 floor"]

def check(host: str = "localhost", port: int = 2000):
    yield Finding("server", port == 2000, f"{host}:{port}", "start it")

class Films:
    def card(self):
        return {"licence": "CC0", "citation": "Doe 2020"}
"""


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """Runs ``wmframe WORDS`` where the plugin is installed; gives code, output and errors."""
    write_plugin(tmp_path / "site", "acme", PLUGIN)
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "WMFRAME_ASSETS": str(tmp_path)}

    def run(*words):
        command = [sys.executable, "-c", "from wmframe.cli import main; main()", *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    return run


def test_assets_are_kept_where_the_component_looks(acme, tmp_path):
    (tmp_path / "download").mkdir()
    (tmp_path / "download" / "floor.png").write_bytes(b"png")
    code, out, _ = acme("assets", "acme", "--from", str(tmp_path / "download"))
    assert code == 0
    assert (tmp_path / "acme" / "floor.png").read_bytes() == b"png"
    assert out.splitlines() == ["1 floor", f"kept in {tmp_path / 'acme'}"]


def test_a_component_without_assets_is_named(acme, tmp_path):
    code, _, errors = acme("assets", "acm", "--from", str(tmp_path))
    assert code == 4
    assert "did you mean 'acme'?" in errors


def test_a_doctor_takes_its_parameters_as_options(acme):
    assert acme("doctor", "acme")[:2] == (0, "ok   server: localhost:2000\n")
    code, out, _ = acme("doctor", "acme", "--port", "3", "--host", "far")
    assert (code, out) == (1, "off  server: far:3\n     hint: start it\n")


@pytest.mark.parametrize("words", [("--port", "x"), ("--prot", "3")])
def test_a_wrong_option_of_a_doctor_is_refused(acme, words):
    code, _, errors = acme("doctor", "acme", *words)
    assert code == 2
    assert words[0] in errors
    assert "Traceback" not in errors


def test_a_dataset_is_described_with_its_card(acme):
    _, out, _ = acme("describe", "acme.films")
    assert "licence   CC0" in out
    assert "citation  Doe 2020" in out
