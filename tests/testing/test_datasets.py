"""Faults of a dataset that its conformance check names, and what is tried on its shards."""

from __future__ import annotations

from functools import partial
from itertools import count

import numpy as np
import pytest

from support.commands import command
from wmframe.bench.videos import ArrayVideos, write_videos
from wmframe.config import Part
from wmframe.data.shards import pack
from wmframe.plugin import Component
from wmframe.testing import ConformanceError
from wmframe.testing.datasets import check_dataset_part, check_learning

NUMBERS = count()


class Counted(ArrayVideos):
    """Another one each time that it is built."""

    def __init__(self):
        super().__init__()
        self.number = next(NUMBERS)


def test_a_dataset_is_the_same_of_the_same_settings(monkeypatch):
    parts = Component("dataset", "arrays", target="wmframe.bench.videos:ArrayVideos")
    check_dataset_part(Part("arrays", None, parts))
    monkeypatch.setattr("wmframe.bench.videos.ArrayVideos", Counted)
    with pytest.raises(ConformanceError, match=r"identity\(\) differs"):
        check_dataset_part(Part("arrays", None, parts))


def test_a_model_learns_from_shards_and_not_from_noise(tmp_path, monkeypatch):
    for split in ("train", "val"):
        write_videos(tmp_path / "raw" / split, [8] * 6)
        pack(ArrayVideos(), tmp_path / "raw", tmp_path / "out", split=split, size=16, processes=0)
    figures = check_learning("wmframe.shards", tmp_path / "out", tmp_path / "run")
    assert np.isfinite(figures["heldout/image_loss"])
    monkeypatch.setattr("wmframe.testing.linear.Linear.update", untaught)
    with pytest.raises(ConformanceError, match="does not learn"):
        check_learning("wmframe.shards", tmp_path / "out", tmp_path / "other")


def untaught(self, batch):
    loss = self.loss(batch["image"]).detach()
    return {"image_loss": 0 * loss + 1}


def test_a_command_tells_how_it_ended(capsys):
    wmframe = partial(command, capsys)
    assert wmframe("--help").code == 0
    refused = wmframe("videos", "pack", "nothing", "--out", "x")
    assert (refused.code, "no dataset" in refused.err, refused.out) == (4, True, "")
