"""From raw frames to shards and from shards to training, on the command line and in a stage."""

from __future__ import annotations

import json

import numpy as np
import pytest

from wmframe.cli import main
from wmframe.data.shards import ShardSet, pack
from wmframe.stages.run import run_recipe
from wmframe_human36m.dataset import Human36M

RECIPE = """
name = "people"
device = "cpu"
trackers = []
plugins.local = ["{fourth}"]

[stages.pretrain]
use = "pretrain"
agent = {{ use = "fourth.model", width = 16 }}
videos = [{{ use = "human36m", path = "{shards}" }}]
updates = 20
batch = 4
length = 2
size = 16
workers = 0
log_every = 5
evaluation = {{ every = 10, batches = 1, observed = 1 }}
checkpoint = {{ every = 20 }}
"""


def wmframe(*words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code


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


def test_packing_inspecting_and_verifying_on_the_command_line(published, tmp_path, capsys):
    words = ["--root", published, "--out", tmp_path / "out", "--size", 16, "--processes", 2]
    assert wmframe("videos", "pack", "human36m", *words) == 4
    assert "no frames of S5, S6, S7, S8" in capsys.readouterr().err
    assert wmframe("videos", "pack", "human36m", *words, "--set", "subjects=[1, 9, 11]") == 0
    train, val = capsys.readouterr().out.splitlines()
    assert "2 videos, 5 frames" in train
    assert "3 videos, 8 frames" in val
    assert wmframe("videos", "inspect", tmp_path / "out") == 0
    assert "WalkDog (1)" in capsys.readouterr().out
    assert wmframe("videos", "verify", tmp_path / "out") == 0
    assert "3 clips are whole, 0 damaged" in capsys.readouterr().out


def test_processes_make_the_shards_that_one_makes(published, tmp_path):
    data = Human36M(subjects=(9, 11))
    for processes, name in ((0, "one"), (2, "two")):
        pack(data, published, tmp_path / name, split="val", size=16, processes=processes)
    one, two = (ShardSet(tmp_path / name / "val") for name in ("one", "two"))
    assert one.fingerprint() == two.fingerprint()
    assert np.array_equal(one.read(0), two.read(0))


def test_a_model_is_trained_from_the_shards(published, fourth, tmp_path):
    shards = tmp_path / "shards"
    data = Human36M(subjects=(1, 9, 11))
    for split in ("train", "val"):
        pack(data, published, shards, split=split, size=16, payload="npy", processes=0)
    recipe = tmp_path / "people.toml"
    recipe.write_text(RECIPE.format(fourth=fourth, shards=shards))
    stage = run_recipe(recipe, name="x", runs=tmp_path / "runs").stages[0]
    records = [json.loads(line) for line in (stage.folder / "metrics.jsonl").open()]
    losses = [r["train/image_loss"] for r in records if "train/image_loss" in r]
    assert losses[-1] < losses[0]
    assert any(key.startswith("heldout/") for record in records for key in record)
