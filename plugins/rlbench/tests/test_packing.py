"""From episodes to shards and from shards to training, on the command line and in a stage."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from support.commands import command
from wmframe.data.shards import ShardSet, pack
from wmframe.testing.datasets import check_learning
from wmframe_rlbench.dataset import RLBench


@pytest.fixture
def wmframe(capsys):
    """Runs ``wmframe WORDS`` in this process: its exit code, output and errors."""
    return partial(command, capsys)


def test_bad_episodes_are_named_and_the_rest_is_packed(raw, write_episode, tmp_path):
    folder = raw / "rlbench" / "train_episodes"
    write_episode(folder, 40, image=np.zeros((2, 64, 64, 3), np.uint8))
    cut = sorted(folder.glob("*.npz"))[7]
    cut.write_bytes(cut.read_bytes()[:100])
    report = pack(RLBench(held_out=0.0), raw, tmp_path / "out", size=64, payload="npy", processes=0)
    assert report.counts["videos"] == 19
    assert sorted(report.bad.values()) == [
        f"rlbench/train_episodes/{cut.name}: it is no npz file, or its end is missing",
        f"rlbench/train_episodes/20211228T112240-{40:032x}-5.npz: it has 2 frames, its name says 6",
    ]
    picture = write_episode(tmp_path / "again", 0)
    assert np.array_equal(ShardSet(report.folder).read(0), picture)


def test_packing_inspecting_and_verifying_on_the_command_line(raw, tmp_path, wmframe):
    words = ["--root", raw, "--out", tmp_path / "out", "--size", 16, "--processes", 2]
    packed = wmframe("videos", "pack", "rlbench", *words, "--set", "held_out=0.4")
    train, val = packed.out.splitlines()
    counts = [int(line.split(": ")[1].split()[0]) for line in (train, val)]
    assert sum(counts) == 20
    assert "6 to 6 frames" in wmframe("videos", "inspect", tmp_path / "out").out
    verified = wmframe("videos", "verify", tmp_path / "out")
    assert verified.code == 0
    assert f"{counts[0]} clips are whole, 0 damaged" in verified.out
    refused = wmframe("videos", "pack", "rlbench", "--root", tmp_path / "no", "--out", "x")
    assert (refused.code, "train_episodes" in refused.err) == (4, True)


def test_a_model_is_trained_from_the_shards(raw, tmp_path):
    for split in ("train", "val"):
        pack(RLBench(held_out=0.4), raw, tmp_path / "shards", split=split, size=16, processes=0)
    check_learning("rlbench", tmp_path / "shards", tmp_path)
