"""The plugin that docs/plugins.md shows is one: its files, as they are printed, pass the kit."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SIMULATOR = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Robot(gymnasium.Env):
    observation_space = spaces.Dict({"image": spaces.Box(0, 255, (8, 8, 3), np.uint8)})
    action_space = spaces.Box(-1, 1, (2,), np.float32)

    def __init__(self, frame_skip):
        self.frame_skip = frame_skip

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return self.draw(), {}

    def step(self, action):
        return self.draw(), 1.0, False, False, {"success": False}

    def draw(self):
        return {"image": self.np_random.integers(0, 256, (8, 8, 3), np.uint8)}


for task in ("reach", "push"):
    gymnasium.register(f"Acme/{task}-v1", Robot)
"""


def blocks():
    return BLOCK.findall(PAGE.read_text())


def write_page(folder):
    """Write each block whose first line names a file, and what pip makes of the project's."""
    for _, text in blocks():
        if named := re.match(r"# ([\w/]+\.(?:py|toml))", text):
            path = folder / named[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    info = folder / f"wmframe_acme-{project['version']}.dist-info"
    info.mkdir()
    needs = [f"Requires-Dist: {text}" for text in project["dependencies"]]
    head = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}"]
    (info / "METADATA").write_text("\n".join([*head, *needs]) + "\n")
    points = project["entry-points"]
    lines = [f"[{group}]\n{n} = {at}" for group, of in points.items() for n, at in of.items()]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture
def acme(tmp_path):
    """The page's files in a folder, with the simulator that it takes for granted."""
    write_page(tmp_path)
    (tmp_path / "tests" / "conftest.py").write_text(SIMULATOR)
    return tmp_path


def run_tests(folder):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


def test_the_page_s_plugin_passes_the_page_s_test(acme):
    done = run_tests(acme)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_page_s_test_can_fail(acme):
    suite = acme / "wmframe_acme" / "suite.py"
    suite.write_text(suite.read_text().replace('"max"', '"best"'))
    assert "1 failed" in run_tests(acme).stdout


@pytest.mark.parametrize(("language", "text"), blocks())
def test_every_block_is_of_its_language(language, text):
    {"python": ast.parse, "toml": tomllib.loads}[language](text)
