"""A plugin package built outside this repository and installed by pip."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from support.packages import write_project

PLUGIN = """
from wmframe.plugin import Component, impl

@impl
def wmframe_components():
    yield Component(
        "stage",
        "outsider.judge",
        target="wmframe.stages.evaluate:EvaluateStage",
        config="wmframe.stages.config:EvaluateConfig",
    )
"""
RECIPE = '[stages.judge]\nuse = "outsider.judge"\nsource = "runs/x"\n'


@pytest.mark.slow
def test_a_package_that_pip_installs_is_listed_and_serves_recipes(tmp_path):
    write_project(tmp_path / "project", "outsider", PLUGIN, version="3.1")
    installed = tmp_path / "installed"
    ready = ["--no-build-isolation"] if find_spec("hatchling") else []
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *ready]
    subprocess.run([*pip, "--target", str(installed), str(tmp_path / "project")], check=True)
    (tmp_path / "judge.toml").write_text(RECIPE)

    def wmframe(*words: str) -> str:
        command = [sys.executable, "-c", "from wmframe.cli import main; main()", *words]
        env = {**os.environ, "PYTHONPATH": str(installed)}
        return subprocess.run(
            command, env=env, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    lines = [line.split() for line in wmframe("list-plugins").splitlines()]
    assert ["outsider", "3.1", "wmframe-outsider", "stage", "ok"] in lines
    assert "judge (outsider.judge)" in wmframe("validate", "judge.toml")
