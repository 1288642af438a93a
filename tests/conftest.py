"""What all tests of the core rely on."""

from __future__ import annotations

import signal
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from wmframe.envs.gl import configure

configure()  # chooses OpenGL, before a test imports MuJoCo

PROJECTS = sorted((Path(__file__).parents[1] / "plugins").glob("*/pyproject.toml"))


def pytest_collection_modifyitems(items):
    """Skip cases named after a plugin that cannot be installed on this Python, as CARLA's on 3.13.

    Recipes and lists of plugins are cases of many tests; on other Pythons an absent plugin fails.
    """
    absent = [path.parent.name for path in PROJECTS if not fits(path)]
    for item in items:
        for name in absent:
            if name in item.name.partition("[")[2]:
                item.add_marker(pytest.mark.skip(reason=f"no plugin {name} for this Python"))


def fits(path):
    wanted = SpecifierSet(tomllib.loads(path.read_text())["project"]["requires-python"])
    return ".".join(map(str, sys.version_info[:3])) in wanted


@pytest.fixture(autouse=True, scope="session")
def interruptible():
    """Heed Ctrl-C, here and in processes started from here, also where a shell has it ignored."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
