"""A toy recipe, and ``wmframe sweep`` in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from wmframe.cli import main

TOY = Path(__file__).parent / "climbing.py"

RECIPE = """
name = "toy"
device = "cpu"
threads = 1
trackers = []
plugins.local = ["{toy}"]

[stages.train]
use = "climbing.climb"
suite = {{ use = "climbing.hill", task = "low" }}

[profiles.slow]
stages.train.pause = 0.5
"""


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def recipe(tmp_path):
    """The path of a recipe whose cells take as long as a process takes to start."""
    path = tmp_path / "toy.toml"
    path.write_text(RECIPE.format(toy=TOY))
    return path


@pytest.fixture
def sweeps(tmp_path):
    return tmp_path / "sweeps"


@pytest.fixture
def wmframe_sweep(capsys, recipe, sweeps) -> Callable[..., Outcome]:
    """Runs ``wmframe sweep RECIPE WORDS`` in this process."""

    def run(*words: str) -> Outcome:
        with pytest.raises(SystemExit) as ended:
            main(["sweep", str(recipe), "--sweeps", str(sweeps), *words])
        return Outcome(ended.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def start_sweep(recipe, sweeps):
    """Starts ``wmframe sweep RECIPE WORDS`` in a process of its own."""
    started = []

    def start(*words: str) -> subprocess.Popen[str]:
        code = "from wmframe.cli import main; main()"
        child = subprocess.Popen(
            [sys.executable, "-c", code, "sweep", str(recipe), "--sweeps", str(sweeps), *words],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()
