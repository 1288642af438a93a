"""From episodes to shards and from shards to training, on the command line and in a stage."""

from __future__ import annotations

import json

import numpy as np
import pytest

from wmframe.cli import main
from wmframe.data.shards import ShardSet, pack
from wmframe.stages.run import run_recipe
from wmframe_rlbench.dataset import RLBench

RECIPE = """
name = "arm"
device = "cpu"
trackers = []
plugins.local = ["{fourth}"]

[stages.pretrain]
use = "pretrain"
agent = {{ use = "fourth.model", width = 16 }}
videos = [{{ use = "rlbench", path = "{shards}" }}]
updates = 20
batch = 4
length = 5
size = 16
workers = 0
log_every = 5
evaluation = {{ every = 10, batches = 1, observed = 2 }}
checkpoint = {{ every = 20 }}
"""


def wmframe(*words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code


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


def test_packing_inspecting_and_verifying_on_the_command_line(raw, tmp_path, capsys):
    words = ["--root", raw, "--out", tmp_path / "out", "--size", 16, "--processes", 2]
    assert wmframe("videos", "pack", "rlbench", *words, "--set", "held_out=0.4") == 0
    train, val = capsys.readouterr().out.splitlines()
    counts = [int(line.split(": ")[1].split()[0]) for line in (train, val)]
    assert sum(counts) == 20
    assert wmframe("videos", "inspect", tmp_path / "out") == 0
    assert "6 to 6 frames" in capsys.readouterr().out
    assert wmframe("videos", "verify", tmp_path / "out") == 0
    assert f"{counts[0]} clips are whole, 0 damaged" in capsys.readouterr().out
    assert wmframe("videos", "pack", "rlbench", "--root", tmp_path / "no", "--out", "x") == 4
    assert "train_episodes" in capsys.readouterr().err


def test_a_model_is_trained_from_the_shards(raw, fourth, tmp_path):
    shards = tmp_path / "shards"
    for split in ("train", "val"):
        pack(RLBench(held_out=0.4), raw, shards, split=split, size=16, processes=0)
    recipe = tmp_path / "arm.toml"
    recipe.write_text(RECIPE.format(fourth=fourth, shards=shards))
    stage = run_recipe(recipe, name="x", runs=tmp_path / "runs").stages[0]
    records = [json.loads(line) for line in (stage.folder / "metrics.jsonl").open()]
    losses = [r["train/image_loss"] for r in records if "train/image_loss" in r]
    assert losses[-1] < losses[0]
    assert any(key.startswith("heldout/") for record in records for key in record)
