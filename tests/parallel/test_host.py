"""What torch finds when a run imports it: how threads wait, and where freed memory goes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from wmframe.parallel.host import SPINS

SCRIPT = """
import resource, sys
from wmframe.parallel.host import configure_host
configure_host()
assert "torch" not in sys.modules
import torch
def faults():
    torch.zeros(2**24)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.zeros(2**23)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(faults())
"""


def page_faults(**environment: str) -> int:
    """Of a tensor of 32 MiB after one of 64 MiB was freed."""
    plain = {key: value for key, value in os.environ.items() if "MALLOC" not in key}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, env={**plain, **environment}, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="an allocator of Linux")
def test_a_tensor_takes_the_place_of_a_larger_one_before_it():
    assert page_faults() < 100


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="an allocator of Linux")
def test_environment_variables_take_precedence():
    assert page_faults(MALLOC_MMAP_THRESHOLD_="1048576", THP_MEM_ALLOC_ENABLE="0") > 1000


WATCHING = """
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
    import torch
print(seen["spins"])
"""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, SPINS),
        ({"GOMP_SPINCOUNT": "7"}, "7"),
        ({"OMP_WAIT_POLICY": "ACTIVE"}, ""),
    ],
)
def test_a_run_says_how_threads_wait_before_torch_is_there(given, found):
    ours = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    env = {k: v for k, v in os.environ.items() if k not in ours} | given
    said = subprocess.run(
        [sys.executable, "-c", WATCHING], env=env, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == found
