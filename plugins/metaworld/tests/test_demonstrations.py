"""Videos of the scripted experts: what they show, and that they are made once."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import pytest

from wmframe.data.shards import ClipLoader, ShardSet
from wmframe.errors import DamagedError, MissingError
from wmframe_metaworld.demonstrations import Demonstrations

pytestmark = pytest.mark.gl

NOWHERE = Path()


@pytest.fixture
def dataset():
    return Demonstrations(
        tasks=("reach", "drawer-open"), episodes=2, held_out=1, frames=30, size=32, processes=0
    )


def test_every_task_camera_and_episode_is_a_video(dataset):
    dataset = attrs.evolve(dataset, tasks=("reach", "push"), cameras=("corner", "topview"))
    for split, count in (("train", 8), ("val", 4)):
        videos = dataset.videos(NOWHERE, split)
        assert len({video.key for video in videos}) == count
        assert {video.label for video in videos} == {"reach", "push"}


def test_a_video_moves_and_repeats_itself(dataset):
    one, other, _, _ = dataset.videos(NOWHERE, "train")
    frames = dataset.decode(one, 32)
    assert frames.shape == (30, 32, 32, 3)
    assert frames.dtype == np.uint8
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 1
    dataset.decode(other, 32)
    assert np.array_equal(dataset.decode(one, 32), frames)


def test_splits_and_episodes_show_different_scenes(dataset):
    firsts = [
        dataset.decode(video, 32)[0]
        for split in ("train", "val")
        for video in dataset.videos(NOWHERE, split)
        if video.label == "reach"
    ]
    assert len({frame.tobytes() for frame in firsts}) == 3


def test_a_video_ends_soon_after_the_task_is_done(dataset):
    dataset = attrs.evolve(dataset, tasks=("reach",), frames=150, linger=3)
    video = dataset.videos(NOWHERE, "train")[0]
    short = len(dataset.decode(video, 16))
    longer = attrs.evolve(dataset, linger=10)
    assert short < 150
    assert len(longer.decode(video, 16)) == short + 7


def test_a_foreign_key_is_refused(dataset):
    video = attrs.evolve(dataset.videos(NOWHERE, "train")[0], key="holiday-in-spain")
    with pytest.raises(DamagedError, match="holiday-in-spain"):
        dataset.decode(video, 32)


def test_shards_are_made_once_and_kept_apart_by_settings(dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("WMFRAME_CACHE", str(tmp_path))
    dataset = attrs.evolve(dataset, tasks=("reach",), frames=12)
    folder = dataset.shards("train")
    shards = ShardSet(folder)
    assert (len(shards), shards.size) == (2, 32)
    written = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert attrs.evolve(dataset, processes=2, weight=3.0).shards("train") == folder
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == written
    assert attrs.evolve(dataset, seed=1).folder != folder.parent
    with ClipLoader([shards], batch=2, length=10, seed=0) as loader:
        assert next(loader)["image"].shape == (2, 10, 32, 32, 3)


def test_only_two_splits_can_be_made(dataset):
    with pytest.raises(MissingError, match="test"):
        dataset.shards("test")
