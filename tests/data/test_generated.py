"""Datasets that make their own videos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wmframe.data.generated import GeneratedDataset, cache_folder
from wmframe.data.shards import ShardSet, pack
from wmframe.errors import DamagedError, MissingError
from wmframe.interfaces import RawVideo


class Counting(GeneratedDataset):
    """Three videos of one brightness each; notes what it makes."""

    name = "toy.counting"
    size = 8
    processes = 0

    def __init__(self, path="", level=10, bad=()):
        super().__init__(path)
        self.level, self.bad, self.made = level, bad, []

    def identity(self):
        return {"level": self.level}

    def videos(self, root, split):
        return [RawVideo(f"{split}-{number}", root / f"{split}-{number}") for number in range(3)]

    def decode(self, video, size):
        if video.key in self.bad:
            raise RuntimeError("no light")
        self.made.append(video.key)
        return np.full((5, size, size, 3), self.level, np.uint8)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WMFRAME_CACHE", str(tmp_path / "cache"))


def test_videos_are_made_on_first_use_and_once(tmp_path):
    first, second = Counting(), Counting()
    shards = ShardSet(first.shards("train"))
    assert first.made == ["train-0", "train-1", "train-2"]
    assert (shards.read(0) == 10).all()
    assert second.shards("train") == shards.folder
    assert second.made == []
    assert shards.folder.is_relative_to(tmp_path / "cache" / "toy.counting")


def test_other_settings_and_another_split_are_made_apart():
    folders = {
        Counting(level=level).shards(split) for level in (1, 2) for split in ("train", "val")
    }
    assert len(folders) == 4


def test_a_path_is_read_and_nothing_made(tmp_path):
    pack(Counting(), Path(), tmp_path, split="val", size=8, processes=0)
    dataset = Counting(str(tmp_path))
    assert len(ShardSet(dataset.shards("val"))) == 3
    assert dataset.made == []
    with pytest.raises(MissingError, match="train"):
        dataset.shards("train")


def test_what_cannot_be_made_is_said_and_tried_again():
    with pytest.raises(DamagedError, match=r"1 videos could not be made: train-1: .*no light"):
        Counting(bad=("train-1",)).shards("train")
    again = Counting()
    assert len(ShardSet(again.shards("train"))) == 3
    assert again.made == ["train-1"]


def test_an_unknown_split_is_refused():
    with pytest.raises(MissingError, match="test"):
        Counting().shards("test")


def test_the_cache_is_where_the_user_says(monkeypatch):
    monkeypatch.delenv("WMFRAME_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/wmframe")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "wmframe"
