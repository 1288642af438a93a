"""What torch finds when a run imports it: how threads wait, and where freed memory goes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from wmframe.training.host import SPINS, TUNABLES

SCRIPT = """
import resource, sys
from wmframe.training.host import settle
settle()
assert "torch" not in sys.modules
import torch
def faults():
    torch.zeros(2**24)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.zeros(2**24)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(faults())
"""


def page_faults(**environment: str) -> int:
    """Of a second tensor of 64 MiB after the first was freed."""
    plain = {key: value for key, value in os.environ.items() if "MALLOC" not in key}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, env={**plain, **environment}, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="an allocator of Linux")
def test_a_second_tensor_takes_the_place_of_the_first():
    assert page_faults() < 100


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="an allocator of Linux")
def test_what_the_environment_says_goes_before():
    assert page_faults(MALLOC_MMAP_THRESHOLD_="1048576", THP_MEM_ALLOC_ENABLE="0") > 1000


AGAIN = """
import os, sys
from wmframe.training.host import begin_again
print(os.getpid(), os.environ.get("GLIBC_TUNABLES"), *sys.argv[1:], flush=True)
begin_again()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="an allocator of Linux")
@pytest.mark.parametrize(
    ("given", "found"),
    [({}, [None, TUNABLES]), ({"MALLOC_ARENA_MAX": "1"}, [None]), ({"GLIBC_TUNABLES": "x"}, ["x"])],
)
def test_a_process_begins_again_once_unless_its_memory_is_taken_care_of(given, found):
    kept = {k: v for k, v in os.environ.items() if "MALLOC" not in k and k != "GLIBC_TUNABLES"}
    command = [sys.executable, "-c", AGAIN, "a word", "--and=more"]
    with subprocess.Popen(command, env=kept | given, stdout=subprocess.PIPE, text=True) as process:
        said, _ = process.communicate()
    assert process.returncode == 0
    lines = [f"{process.pid} {tunables} a word --and=more" for tunables in found]
    assert said.splitlines() == lines


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
    pass
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
