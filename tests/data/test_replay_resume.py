"""A replay goes on from a checkpoint as if nothing had happened, and survives kills and damage."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest

from wmframe.data.replay import Replay, export_episode, load_episodes
from wmframe.errors import CheckpointError, MissingError
from wmframe.types import Episode

SMALL = {"capacity": 1000, "min_length": 4, "max_length": 6}


def assert_same_batches(one, two, count=5):
    for _ in range(count):
        left, right = one.sample(6, 5), two.sample(6, 5)
        for key in left:
            np.testing.assert_array_equal(left[key], right[key])


def test_a_resumed_replay_draws_what_the_unbroken_one_draws(tmp_path, make_episode):
    replay = Replay(tmp_path, **SMALL, seed=7)
    for number in range(4):
        replay.add(make_episode(number))
    replay.sample(5, 5)
    state = replay.state()
    resumed = Replay(tmp_path, **SMALL, seed=99)
    resumed.restore(state)
    assert_same_batches(replay, resumed)


def test_episodes_after_the_checkpoint_wait_and_are_recognised(tmp_path, make_episode):
    unbroken = Replay(tmp_path / "unbroken", **SMALL)
    broken = Replay(tmp_path / "broken", **SMALL)
    for replay in (unbroken, broken):
        replay.add(make_episode(0))
    state = broken.state()
    broken.add(make_episode(1))
    broken.add(make_episode(2))  # then it is killed

    resumed = Replay(tmp_path / "broken", **SMALL)
    resumed.restore(state)
    assert resumed.episodes == 1
    assert_same_batches(unbroken, resumed)
    for replay in (unbroken, resumed):
        replay.add(make_episode(1))
    assert_same_batches(unbroken, resumed)
    assert len(list(load_episodes(tmp_path / "broken"))) == 3


def test_a_second_kill_still_finds_what_waits(tmp_path, make_episode):
    replay = Replay(tmp_path, **SMALL)
    replay.add(make_episode(0))
    state = replay.state()
    replay.add(make_episode(1))
    replay.add(make_episode(2))
    replay = Replay(tmp_path, **SMALL)
    replay.restore(state)
    replay.add(make_episode(1))
    state = replay.state()
    replay = Replay(tmp_path, **SMALL)
    replay.restore(state)
    replay.add(make_episode(2))
    assert replay.episodes == 3
    assert len(list(load_episodes(tmp_path))) == 3


def test_another_episode_of_the_same_number_is_kept_beside(tmp_path, make_episode):
    replay = Replay(tmp_path, **SMALL)
    state = replay.state()
    replay.add(make_episode(0))
    resumed = Replay(tmp_path, **SMALL)
    resumed.restore(state)
    resumed.add(make_episode(0, salt=1))
    assert resumed.episodes == 1
    assert (resumed.sample(20, 4)["action"] == 1).all()
    assert len(list(load_episodes(tmp_path))) == 2


def test_a_run_that_starts_over_recognises_what_it_had(tmp_path, make_episode):
    Replay(tmp_path, **SMALL).add(make_episode(0))
    replay = Replay(tmp_path, **SMALL)
    assert replay.episodes == 1
    replay.set_aside()
    assert (replay.episodes, replay.steps, replay.ready) == (0, 0, False)
    replay.add(make_episode(0))
    assert replay.episodes == 1
    assert len(list(load_episodes(tmp_path))) == 1


def test_slack_keeps_what_the_checkpoint_refers_to(tmp_path, make_episode):
    settings = {"capacity": 36, "slack": 44, "min_length": 4, "max_length": 4}
    replay = Replay(tmp_path, **settings)
    for number in range(6):
        replay.add(make_episode(number))
    state = replay.state()
    for number in range(6, 10):
        replay.add(make_episode(number))
    resumed = Replay(tmp_path, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resumed.restore(state)
    assert set(resumed.sample(200, 4)["id"].ravel()) == {2, 3, 4, 5}
    for number in range(10, 12):
        replay.add(make_episode(number))
    with pytest.warns(UserWarning, match=r"2 episodes .* overwritten"):
        Replay(tmp_path, **settings).restore(state)


def test_a_folder_of_another_run_is_refused(tmp_path, make_episode):
    replay = Replay(tmp_path / "a", **SMALL)
    replay.add(make_episode(0))
    other = Replay(tmp_path / "b", **SMALL)
    with pytest.raises(CheckpointError, match="lacks 1 of the checkpoint's 1"):
        other.restore(replay.state())
    other.add(make_episode(1))
    with pytest.raises(CheckpointError, match="lacks 1"):
        other.restore(replay.state())


def test_a_folder_may_grow_but_a_full_one_may_not_change(tmp_path, make_episode):
    Replay(tmp_path, capacity=30, slack=0, min_length=4, max_length=4).add(make_episode(0))
    larger = Replay(tmp_path, capacity=60, slack=0, min_length=4, max_length=4)
    for number in range(1, 6):
        larger.add(make_episode(number))
    assert [episode.number for episode in load_episodes(tmp_path)] == list(range(6))
    with pytest.raises(CheckpointError, match="another capacity"):
        Replay(tmp_path, capacity=30, slack=0)


@pytest.mark.parametrize("name", ["index.json", "image.ring"])
def test_a_truncated_file_is_named(tmp_path, make_episode, name):
    Replay(tmp_path, **SMALL).add(make_episode(0))
    path = tmp_path / name
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(CheckpointError, match=name):
        Replay(tmp_path, **SMALL)


def test_a_missing_ring_and_a_changed_row_are_named(tmp_path, make_episode):
    Replay(tmp_path, **SMALL).add(make_episode(3))
    path = tmp_path / "image.ring"
    with path.open("r+b") as file:
        file.write(b"\xff\xff")
    with pytest.raises(CheckpointError, match="episode 3 of simulator 0 is damaged"):
        list(load_episodes(tmp_path))
    path.unlink()
    with pytest.raises(CheckpointError, match=r"image\.ring"):
        Replay(tmp_path, **SMALL)


def test_episodes_come_back_whole_and_export_to_npz(tmp_path, make_episode):
    replay = Replay(tmp_path / "replay", **SMALL)
    original = make_episode(1, length=7, worker=2)
    replay.add(original)
    (episode,) = load_episodes(tmp_path / "replay")
    assert (episode.worker, episode.number, episode.scores) == (2, 1, {"success": 1.0})
    path = export_episode(episode, tmp_path / "npz")
    assert path.name == "002-000001-6.npz"
    with np.load(path) as file:
        for key, value in original.data.items():
            np.testing.assert_array_equal(episode.data[key], value)
            np.testing.assert_array_equal(file[key], value)
    with pytest.raises(MissingError, match="holds no replay"):
        list(load_episodes(tmp_path / "npz"))


class Killed(BaseException):
    """Stands for the end of the process."""


def test_dying_at_any_write_leaves_the_episodes_before_it(tmp_path, make_episode, monkeypatch):
    """Every write, flush and rename of an append that overwrites old rows, one after the other."""
    settings = {"capacity": 20, "slack": 15, "min_length": 4, "max_length": 4}
    write, flush, operations = os.pwrite, os.fsync, 0

    def die_writing(descriptor, data, offset):
        survive_or(lambda: write(descriptor, data[: len(data) // 2], offset))
        return write(descriptor, data, offset)

    def die_flushing(descriptor):
        survive_or(lambda: None)
        return flush(descriptor)

    def survive_or(last_act):
        nonlocal operations
        operations -= 1
        if operations == 0:
            last_act()
            raise Killed

    for moment in range(1, 100):
        folder = tmp_path / str(moment)
        replay = Replay(folder, **settings)
        for number in range(3):
            replay.add(make_episode(number))
        operations = moment
        monkeypatch.setattr(os, "pwrite", die_writing)
        monkeypatch.setattr(os, "fsync", die_flushing)
        try:
            replay.add(make_episode(3))
        except Killed:
            survived = False
        else:
            survived = True
        monkeypatch.undo()
        numbers = [episode.number for episode in load_episodes(folder)]
        assert numbers in ([0, 1, 2], [1, 2], [1, 2, 3])
        Replay(folder, **settings).add(make_episode(4))
        assert [episode.number for episode in load_episodes(folder)][-1] == 4
        if survived:
            break
    assert survived
    assert moment > 15  # there were that many moments to die at


WRITER = """
import sys
import numpy as np
from pathlib import Path
from wmframe.data.replay import Replay
from wmframe.types import Episode

replay = Replay(Path(sys.argv[1]), capacity=600, slack=200, min_length=2, max_length=2)
for number in range(int(sys.argv[2]), 10**9):
    length = 2 + number % 40
    image = np.full((length, 64, 64, 3), number % 251, np.uint8)
    data = {"image": image, "reward": np.full(length, number, np.float64)}
    replay.add(Episode(0, number, data, {}))
    print(number, flush=True)
"""


def test_killed_writers_lose_no_complete_episode_and_leave_no_half(tmp_path):
    random = np.random.default_rng(0)
    written = -1
    for _ in range(4):
        command = [sys.executable, "-c", WRITER, str(tmp_path / "r"), str(written + 1)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        child.stdout.readline()  # it has begun
        time.sleep(random.uniform(0.0, 0.15))
        child.send_signal(signal.SIGKILL)
        rest = child.communicate()[0].split()
        written = int(rest[-1]) if rest else written + 1
        episodes = list(load_episodes(tmp_path / "r"))  # refuses one that is half-written
        numbers = [episode.number for episode in episodes]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert numbers[-1] in (written, written + 1)  # killed before or after it could say so
        assert sum(episode.length for episode in episodes) > 600 or numbers[0] == 0
        for episode in episodes:
            assert (episode.data["reward"] == episode.number).all()
        written = numbers[-1]


def test_an_episode_is_exported_whatever_its_keys_are_called(tmp_path, make_episode):
    data = {**make_episode(0, length=4).data, "file": np.arange(4), "allow_pickle": np.ones(4)}
    path = export_episode(Episode(0, 0, data, {}), tmp_path)
    with np.load(path) as read:
        assert set(read.files) == set(data)
        for key, array in data.items():
            np.testing.assert_array_equal(read[key], array)
