"""Replay and shards are measured on files that were made for it."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.bench import clips, replay
from wmframe.bench.clips import ClipProbe, forget, measure_clips
from wmframe.bench.replay import measure_replay
from wmframe.errors import MissingError


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    for name, value in {
        "VIDEOS": 4,
        "FRAMES": 30,
        "SIZE": 16,
        "BATCH": 2,
        "BATCHES": 2,
        "ROUND_S": 0.0,
    }.items():
        monkeypatch.setattr(clips, name, value)
    for name, value in {"DECISIONS": 60, "SECONDS": 0.02}.items():
        monkeypatch.setattr(replay, name, value)


def test_a_line_for_drawing_and_adding():
    lines = {line["case"]: line for line in measure_replay(2, steps=120)}
    assert set(lines) == {"replay sample 16x50", "replay sample 50x50", "replay insert"}
    assert lines["replay insert"]["unit"] == "steps/s"
    assert all(line["median"] > 0 for line in lines.values())


def test_a_line_for_each_way_of_storing_threads_and_cache():
    lines = {line["case"]: line for line in measure_clips(2, (0, 2), None)}
    ways = [f"{kind} workers={n}" for kind in ("strip", "npy") for n in (0, 2)]
    wanted = [f"clips {w} {s} 2x25" for w in (*ways, "folders workers=0") for s in ("warm", "cold")]
    assert set(lines) == set(wanted)
    assert lines["clips npy workers=0 warm 2x25"]["bytes_per_frame"] >= 16 * 16 * 3
    assert all(line["frames/s/core"] > 0 for line in lines.values())


def test_videos_that_are_too_short_are_refused(tmp_path):
    (tmp_path / "raw").mkdir()
    with pytest.raises(MissingError, match="no video of 31 frames"):
        clips.cut_videos(tmp_path / "raw", tmp_path / "out")


def test_a_cold_round_begins_anew(tmp_path):
    file = tmp_path / "data"
    file.write_bytes(b"x")
    opened = []

    def make():
        opened.append(1)
        return iter(np.zeros(100))

    for cold, times in ((False, 1), (True, 3)):
        probe = ClipProbe(make, [file], cold=cold)
        for _ in range(3):
            probe.measure()
        assert len(opened) == times
        opened.clear()


def test_a_forgotten_file_is_still_there(tmp_path):
    file = tmp_path / "data"
    file.write_bytes(b"kept")
    forget(file)
    assert file.read_bytes() == b"kept"
