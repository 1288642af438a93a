"""A replay is looked into while its run writes it."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.data.replay import Replay
from wmframe.errors import MissingError
from wmframe.stages.config import ReplayConfig
from wmframe.stages.loop.episodes import look_into
from wmframe.types import Episode

SETTINGS = ReplayConfig(capacity=20)


def episode(number):
    rows = np.full(8, number, np.float32)
    return Episode(0, number, {"reward": rows, "is_first": np.arange(8) == 0}, {})


def files(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.iterdir()}


def overwriting(monkeypatch, replay, times):
    sample, numbers = Replay.sample, iter(range(100, 100 + 4 * times))

    def writes_too(self, count, length):
        for _, number in zip(range(4), numbers, strict=False):  # rows of all that was live
            replay.add(episode(number))
        return sample(self, count, length)

    monkeypatch.setattr(Replay, "sample", writes_too)


def test_looking_into_a_replay_changes_nothing(tmp_path):
    replay = Replay(tmp_path, capacity=20, slack=7)
    for number in range(3):
        replay.add(episode(number))
    before = files(tmp_path)
    assert look_into(tmp_path, SETTINGS, 4, 3, seed=0)["reward"].shape == (4, 3)
    assert files(tmp_path) == before
    with pytest.raises(MissingError, match="holds no replay"):
        look_into(tmp_path / "none", SETTINGS, 4, 3, seed=0)
    assert not (tmp_path / "none").exists()


def test_windows_that_are_overwritten_while_they_are_read_are_drawn_anew(tmp_path, monkeypatch):
    replay = Replay(tmp_path, capacity=20, slack=7)
    for number in range(3):
        replay.add(episode(number))
    overwriting(monkeypatch, replay, times=1)
    batch = look_into(tmp_path, SETTINGS, 16, 3, seed=0)
    assert batch["reward"].min() >= 100
    overwriting(monkeypatch, replay, times=50)
    with pytest.raises(MissingError, match="overwritten while they are read"):
        look_into(tmp_path, SETTINGS, 16, 3, seed=0)
