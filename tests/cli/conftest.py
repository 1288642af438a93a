"""Running the command line inside the test's process, and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest

from support.commands import Outcome, command
from support.packages import write_plugin

PLUGIN = """
from wmframe.plugin import Component, impl

@impl
def wmframe_components():
    yield Component("suite", "acme", target="wmframe_acme.suite:Acme", summary="robot tasks")
"""


@pytest.fixture
def wmframe(capsys) -> Callable[..., Outcome]:
    """Runs ``wmframe WORDS`` in this process."""
    return partial(command, capsys)


@pytest.fixture
def plugins_folder(tmp_path):
    """A folder with a good plugin and one that raises at import."""
    write_plugin(tmp_path, "acme", PLUGIN, version="2.0")
    write_plugin(tmp_path, "rotten", "raise RuntimeError('no licence')")
    return tmp_path


@pytest.fixture
def fresh_wmframe(plugins_folder) -> Callable[..., Outcome]:
    """Runs ``wmframe WORDS`` in a new process that sees the folder's plugins."""

    def run(*words: str) -> Outcome:
        command = [sys.executable, "-c", "from wmframe.cli import main; main()", *words]
        env = {**os.environ, "PYTHONPATH": str(plugins_folder)}
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run
