"""Freed memory is used again without asking the system for it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

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
