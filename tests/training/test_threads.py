"""The environment that torch's threads find when a run imports it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
import os, sys
from pathlib import Path
from wmframe.stages import run
seen = {}
class Watch:
    def find_spec(self, name, *_):
        if name == "torch" and not seen:
            seen["spins"] = os.environ.get("GOMP_SPINCOUNT", "")
sys.meta_path.insert(0, Watch())
class Stop(Exception): pass
class Plan:
    def __getattr__(self, name): raise Stop
try:
    run.run_plan(Plan())
except Stop:
    pass
print(seen["spins"])
"""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, "1000"),
        ({"GOMP_SPINCOUNT": "7"}, "7"),
        ({"OMP_WAIT_POLICY": "ACTIVE"}, ""),
    ],
)
def test_a_run_says_how_threads_wait_before_torch_is_there(given, found):
    ours = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    env = {k: v for k, v in os.environ.items() if k not in ours} | given
    said = subprocess.run(
        [sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == found
