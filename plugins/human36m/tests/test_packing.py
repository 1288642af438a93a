"""From raw frames to shards and from shards to training, on the command line and in a stage."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from support.commands import command
from wmframe.data.shards import ShardSet, pack
from wmframe.testing.datasets import check_learning
from wmframe_human36m.dataset import Human36M


@pytest.fixture
def wmframe(capsys):
    """Runs ``wmframe WORDS`` in this process: its exit code, output and errors."""
    return partial(command, capsys)


def test_bad_videos_are_named_and_the_rest_is_packed(raw, tmp_path):
    images, annot = raw / "h36m" / "images", raw / "h36m" / "annot"
    (images / "S9_Eating_1.54138969_000011.jpg").unlink()
    broken = images / "S9_Eating_1.60457274_000006.jpg"
    whole = broken.read_bytes()
    broken.unlink()
    broken.write_bytes(whole[: len(whole) // 2])
    data = Human36M(subjects=(9, 11))
    report = pack(data, raw, tmp_path / "out", split="val", size=16, processes=0)
    assert [clip.key for clip in ShardSet(report.folder).clips] == ["S11_WalkDog-58860488"]
    assert "_000011.jpg of 4 frames are missing" in report.bad["S9_Eating_1-54138969"]
    assert "_000006.jpg cannot be decoded" in report.bad["S9_Eating_1-60457274"]
    text = (annot / "valid_images.txt").read_text()
    (annot / "valid_images.txt").write_text(text.replace("58860488_000006", "58860488_000011"))
    report = pack(data, raw, tmp_path / "gap", split="val", size=16, processes=0)
    assert "lists S11_WalkDog.58860488_000011.jpg where" in report.bad["S11_WalkDog-58860488"]


def test_packing_inspecting_and_verifying_on_the_command_line(published, tmp_path, wmframe):
    words = ["--root", published, "--out", tmp_path / "out", "--size", 16, "--processes", 2]
    refused = wmframe("videos", "pack", "human36m", *words)
    assert refused.code == 4
    assert "no frames of S5, S6, S7, S8" in refused.err
    packed = wmframe("videos", "pack", "human36m", *words, "--set", "subjects=[1, 9, 11]")
    train, val = packed.out.splitlines()
    assert "2 videos, 5 frames" in train
    assert "3 videos, 8 frames" in val
    assert "WalkDog (1)" in wmframe("videos", "inspect", tmp_path / "out").out
    verified = wmframe("videos", "verify", tmp_path / "out")
    assert verified.code == 0
    assert "3 clips are whole, 0 damaged" in verified.out


def test_processes_make_the_shards_that_one_makes(published, tmp_path):
    data = Human36M(subjects=(9, 11))
    for processes, name in ((0, "one"), (2, "two")):
        pack(data, published, tmp_path / name, split="val", size=16, processes=processes)
    one, two = (ShardSet(tmp_path / name / "val") for name in ("one", "two"))
    assert one.fingerprint() == two.fingerprint()
    assert np.array_equal(one.read(0), two.read(0))


def test_a_model_is_trained_from_the_shards(published, tmp_path):
    data = Human36M(subjects=(1, 9, 11))
    for split in ("train", "val"):
        pack(data, published, tmp_path / "shards", split=split, size=16, processes=0)
    check_learning("human36m", tmp_path / "shards", tmp_path, length=2)
