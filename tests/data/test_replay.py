"""Replay: what is kept, what is dropped, what a window looks like."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from wmframe.data.replay import Replay, load_episodes
from wmframe.errors import CheckpointError, UsageError

SMALL = {"capacity": 1000, "min_length": 4, "max_length": 4}


def test_windows_are_successive_rows_of_one_episode(tmp_path, make_episode):
    replay = Replay(tmp_path, **SMALL)
    for number in range(5):
        replay.add(make_episode(number, length=6 + number))
    batch = replay.sample(64, 4)
    assert batch["image"].shape == (64, 4, 4, 4, 3)
    assert batch["image"].dtype == np.uint8
    assert batch["is_last"].dtype == bool
    assert (np.diff(batch["row"], axis=1) == 1).all()
    assert (np.diff(batch["id"], axis=1) == 0).all()
    assert (batch["image"][..., 0, 0, 0] == batch["row"] + batch["id"]).all()
    assert batch["is_first"].tolist() == [[True, False, False, False]] * 64


def test_windows_cross_the_end_of_the_ring_unharmed(tmp_path, make_episode):
    replay = Replay(tmp_path, capacity=20, slack=7, min_length=4, max_length=4)
    for number in range(12):
        replay.add(make_episode(number, length=8))
        batch = replay.sample(32, 4)
        assert (np.diff(batch["row"], axis=1) == 1).all()
        assert (batch["image"][..., 0, 0, 0] == batch["row"] + batch["id"]).all()
        assert set(batch["id"][:, 0]) <= {number, number - 1, number - 2}


def test_capacity_drops_the_oldest_episode_first(tmp_path, make_episode):
    replay = Replay(tmp_path, capacity=27, min_length=4, max_length=4)
    for number in range(5):
        replay.add(make_episode(number))  # 9 steps each
    assert (replay.episodes, replay.steps) == (3, 27)
    assert set(replay.sample(200, 4)["id"].ravel()) == {2, 3, 4}


def test_the_newest_episode_stays_even_beyond_the_capacity(tmp_path, make_episode):
    replay = Replay(tmp_path, capacity=5, min_length=4, max_length=4)
    replay.add(make_episode(0))
    replay.add(make_episode(1))
    assert replay.episodes == 1
    assert set(replay.sample(20, 4)["id"].ravel()) == {1}


def test_short_episodes_are_kept_but_not_drawn(tmp_path, make_episode):
    replay = Replay(tmp_path, **SMALL)
    replay.add(make_episode(0, length=3))
    assert not replay.ready
    with pytest.raises(UsageError, match="min_length"):
        replay.sample(1, 4)
    replay.add(make_episode(1, length=4))
    assert replay.ready
    assert set(replay.sample(50, 4)["id"].ravel()) == {1}
    assert [episode.number for episode in load_episodes(tmp_path)] == [0, 1]


def test_the_seed_decides_what_is_drawn(tmp_path, make_episode):
    draws = []
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        replay = Replay(tmp_path / folder, **SMALL, seed=seed)
        for number in range(4):
            replay.add(make_episode(number))
        draws.append(np.concatenate([replay.sample(8, 4)["row"] for _ in range(3)]).tolist())
    assert draws[0] == draws[1] != draws[2]


def test_an_episode_of_another_shape_is_refused_by_key(tmp_path, make_episode):
    replay = Replay(tmp_path, **SMALL)
    replay.add(make_episode(0))
    odd = make_episode(1)
    data = {**odd.data, "image": odd.data["image"][:, :2], "extra": odd.data["reward"]}
    with pytest.raises(UsageError, match=r"episode 1 .* extra, image"):
        replay.add(type(odd)(0, 1, data, {}))
    with pytest.raises(UsageError, match="more than the replay holds"):
        replay.add(make_episode(2, length=5000))
    ragged = {**odd.data, "action": odd.data["action"][1:]}
    with pytest.raises(UsageError, match="action"):
        replay.add(type(odd)(0, 1, ragged, {}))
    assert replay.episodes == 1


@pytest.mark.parametrize("lengths", [(0, 4), (5, 4)])
def test_senseless_lengths_are_refused(tmp_path, lengths):
    with pytest.raises(UsageError, match="min_length"):
        Replay(tmp_path, min_length=lengths[0], max_length=lengths[1])


def test_a_large_replay_takes_no_disk_or_memory_until_it_is_filled(tmp_path, make_episode):
    replay = Replay(tmp_path, capacity=10_000_000, min_length=4, max_length=4)
    replay.add(make_episode(0))
    assert replay.sample(2, 4)["image"].shape == (2, 4, 4, 4, 3)
    on_disk = sum(path.stat().st_blocks * 512 for path in tmp_path.iterdir())
    assert on_disk < 1e6


def test_collecting_needs_no_torch():
    code = "import sys, wmframe.data.replay; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused_with_its_place(tmp_path, make_episode, value):
    replay, episode = Replay(tmp_path, **SMALL), make_episode(3, length=6)
    episode.data["reward"][4] = value
    with pytest.raises(UsageError, match=r"episode 3 .*reward holds .* in row 4"):
        replay.add(episode)
    assert replay.episodes == 0


def test_a_replay_that_an_older_version_poisoned_is_named_when_it_is_drawn_from(
    tmp_path, make_episode, monkeypatch
):
    replay = Replay(tmp_path, **SMALL)
    replay.add(make_episode(0, length=4))
    poisoned = make_episode(7, length=4)
    poisoned.data["reward"][2] = np.nan
    monkeypatch.setattr("wmframe.data.replay.store._expect_finite", lambda *_: None)
    replay.add(poisoned)
    with pytest.raises(CheckpointError, match=r"reward is not finite in episode 7 .*, row 2"):
        replay.sample(64, 4)
