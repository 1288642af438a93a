"""Ring: reading a long file does not fill the memory, a full disk is an error."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from wmframe.data.replay import ring as ring_module
from wmframe.data.replay.ring import Ring
from wmframe.errors import WmframeError
from wmframe.types import TensorSpec

FRAME = TensorSpec((64, 64, 3), "uint8")


def resident_bytes():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_gathering_a_whole_ring_keeps_little_of_it_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(ring_module, "RESIDENT_BYTES", 1 << 24)
    ring = Ring(tmp_path, "image", FRAME, rows=20_000, create=True)  # 246 MB
    before = resident_bytes()
    for start in range(0, 20_000, 500):
        ring.gather(np.arange(start, start + 500))
    assert resident_bytes() - before < 80e6


@pytest.mark.parametrize("key", ["../up", "a/b", "..", "größe"])
def test_odd_keys_name_a_file_in_the_folder(tmp_path, key):
    ring = Ring(tmp_path, key, TensorSpec((2,), "float32"), rows=4, create=True)
    values = np.arange(6, dtype=np.float32).reshape(3, 2)
    ring.write(7, values)  # rows 3, 0 and 1
    np.testing.assert_array_equal(ring.gather(np.arange(7, 10)), values)
    assert [path.parent for path in tmp_path.rglob("*.ring")] == [tmp_path]


def test_a_full_disk_says_what_to_do(tmp_path, monkeypatch):
    ring = Ring(tmp_path, "image", FRAME, rows=4, create=True)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(WmframeError, match=r"image\.ring .*No space left.*\n.*free some disk"):
        ring.write(0, np.zeros((2, 64, 64, 3), np.uint8))
