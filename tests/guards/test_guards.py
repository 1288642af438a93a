"""An update does no more than it did: guards of speed that need no clock and no GPU.

A change that makes updates cheaper, or dearer for a reason, refreshes the table:
``python tests/guards/table.py``.
"""

from __future__ import annotations

import json
import runpy
from functools import cache
from pathlib import Path

import pytest
import torch

from wmframe.bench.updates import CountedUpdate

MODULE = runpy.run_path(str(Path(__file__).with_name("table.py")))
TABLE = json.loads(MODULE["FILE"].read_text())
CASES = MODULE["cases"]()
REFRESH = "; if that is meant, run python tests/guards/table.py"

each = pytest.mark.parametrize("name", CASES)


@cache
def counts(name: str):
    threads = torch.get_num_threads()
    try:
        return CountedUpdate(CASES[name]).counts
    finally:
        torch.set_num_threads(threads)


def test_the_table_has_every_case():
    assert set(TABLE) == set(CASES)


@each
def test_an_update_takes_no_more_operations(name):
    most = ", ".join(f"{count} {op}" for op, count in list(counts(name).by_name.items())[:12])
    assert counts(name).ops <= TABLE[name]["ops"], f"most are {most}{REFRESH}"


@each
def test_an_update_calculates_exactly_as_much(name):
    assert counts(name).flops == TABLE[name]["flops"], REFRESH


@each
def test_an_update_keeps_no_more_for_the_backward_pass(name):
    assert counts(name).saved_bytes <= TABLE[name]["saved_bytes"], REFRESH


@each
def test_an_update_reads_nothing_back(name):
    assert counts(name).host_reads == 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@each
def test_an_update_never_waits_for_the_gpu(name):
    update = CountedUpdate(MODULE["cases"]("cuda")[name])
    update.run()  # what is compiled or captured is by now
    torch.cuda.set_sync_debug_mode("error")
    try:
        update.run()
    finally:
        torch.cuda.set_sync_debug_mode("default")
