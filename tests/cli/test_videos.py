"""``wmframe videos``: packing and looking at what was packed."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from wmframe.bench.videos import ArrayVideos, write_videos
from wmframe.cli.packing import pack_with_progress
from wmframe.data.shards import ShardSet, pack
from wmframe.data.video import sample_frames
from wmframe.errors import DamagedError


@pytest.fixture
def shards(tmp_path):
    """Shards of two splits, to be packed again by the dataset that reads shards."""
    for split, lengths in (("train", [20, 30, 25]), ("val", [40])):
        write_videos(tmp_path / "raw" / split, lengths)
        pack(
            ArrayVideos(), tmp_path / "raw", tmp_path / "shards", split=split, size=16, processes=0
        )
    return tmp_path / "shards"


def spoil(folder, key="wave_0001"):
    clip = next(clip for clip in ShardSet(folder).clips if clip.key == key)
    with (folder / "000000.tar").open("r+b") as file:
        file.seek(clip.offset)
        file.write(bytes(clip.bytes))


def test_pack_packs_both_splits_and_ends_with_counts(wmframe, shards, tmp_path):
    words = ["--root", str(shards), "--out", str(tmp_path / "new"), "--size", "16"]
    done = wmframe("videos", "pack", "shards", *words, "--payload", "npy", "--processes", "0")
    assert done.code == 0
    train, val = done.out.splitlines()
    assert train.startswith(f"{tmp_path / 'new' / 'train'}: 3 videos, 75 frames, 1 shards")
    assert val.endswith("1 added, 0 bad")
    assert len(ShardSet(tmp_path / "new" / "train")) == 3


def test_pack_names_bad_videos_and_goes_on(wmframe, shards, tmp_path):
    spoil(shards / "train")
    words = ["--root", str(shards), "--out", str(tmp_path / "new"), "--size", "16"]
    done = wmframe("videos", "pack", "shards", *words, "--split", "train", "--processes", "2")
    assert done.code == 0
    assert "2 videos" in done.out
    assert "1 bad" in done.out
    assert "wave_0001" in done.err


def test_pack_fails_when_nothing_can_be_packed(wmframe, shards, tmp_path):
    spoil(shards / "val", "wave_0000")
    words = ["--root", str(shards), "--out", str(tmp_path / "new"), "--split", "val"]
    assert wmframe("videos", "pack", "shards", *words, "--processes", "0").code == 1


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nothing", "--out", "x"], 4, "no dataset 'nothing'"),
        (["shards", "--out", "x", "--set", "weigth=2"], 3, "did you mean 'weight'"),
        (["shards", "--out", "x", "--set", "weight"], 2, "equals sign"),
        (["shards", "--out", "x", "--root", "nowhere"], 4, "holds no shards"),
    ],
)
def test_pack_says_what_is_wrong(wmframe, tmp_path, monkeypatch, words, code, message):
    monkeypatch.chdir(tmp_path)
    done = wmframe("videos", "pack", *words)
    assert (done.code, message in done.err) == (code, True)


def test_inspect_shows_every_split(wmframe, shards):
    done = wmframe("videos", "inspect", str(shards))
    assert done.code == 0
    assert "75 of 16x16 pixels" in done.out
    assert "20 to 30 frames, median 25" in done.out
    assert "1, wave (3)" in done.out
    assert str(shards / "val") in done.out
    assert wmframe("videos", "inspect", str(shards / "raw")).code == 4


def test_preview_writes_a_sheet_and_a_film(wmframe, shards, tmp_path):
    out = tmp_path / "pictures"
    done = wmframe(
        "videos",
        "preview",
        str(shards / "train"),
        "--out",
        str(out),
        "--count",
        "4",
        "--length",
        "25",
    )
    assert done.out.split() == [str(out / "train.png"), str(out / "train.mp4")]
    assert Image.open(out / "train.png").size == (8 * 16 + 7 * 4, 3 * 16 + 2 * 4)
    assert len(sample_frames(out / "train.mp4", 100)) == 25


def test_preview_of_one_short_video_shows_all_of_it(wmframe, shards, tmp_path):
    done = wmframe("videos", "preview", str(shards / "val"), "--out", str(tmp_path), "--count", "1")
    assert done.code == 0
    assert len(sample_frames(tmp_path / "val.mp4", 100)) == 40


def test_verify_names_damage_and_fails(wmframe, shards):
    assert wmframe("videos", "verify", str(shards)).code == 0
    spoil(shards / "train")
    (shards / "val" / "000000.tar").unlink()
    done = wmframe("videos", "verify", str(shards / "train"))
    assert done.code == 1
    assert "clip wave_0001" in done.out
    assert "2 clips are whole, 1 damaged" in done.out
    assert wmframe("videos", "verify", str(shards / "val")).code == 4


def expect(folder, videos):
    """Let shards remember that the publisher counts so many videos."""
    path = folder / "manifest.json"
    made = json.loads(path.read_text())
    path.write_text(json.dumps({**made, "expected": {"videos": videos, "frames": None}}))


def test_what_the_publisher_counts_is_compared_by_each_command(wmframe, shards, tmp_path):
    expect(shards / "train", 5)
    expect(shards / "val", 1)
    words = ["--root", shards, "--out", tmp_path / "new", "--size", 16, "--processes", 0]
    packed = wmframe("videos", "pack", "shards", *words)
    said = "3 of 5 published videos, 2 too few; usually they are not downloaded"
    assert packed.code == 0
    assert f"{tmp_path / 'new' / 'train'}: {said}" in packed.out
    assert len(packed.out.splitlines()) == 3
    shown = wmframe("videos", "inspect", tmp_path / "new").out
    assert said in shown
    assert "all of it is here" in shown
    verified = wmframe("videos", "verify", tmp_path / "new")
    assert verified.code == 0
    assert f"train: {said}" in verified.out


class Hinting(ArrayVideos):
    """All of its videos but one are placeholders."""

    def decode(self, video, size):
        if video.key != "wave_0000":
            raise DamagedError("it is a placeholder", "run git lfs pull")
        return super().decode(video, size)


def test_what_to_do_about_bad_videos_is_said_once(tmp_path, capsys):
    write_videos(tmp_path / "raw" / "train", [5, 6, 7])
    where = {"root": tmp_path / "raw", "out": tmp_path / "out", "split": "train"}
    pack_with_progress(Hinting(), **where, size=16, processes=0)
    err = capsys.readouterr().err
    assert err.count("it is a placeholder") == 2
    assert err.count("hint: run git lfs pull") == 1


def test_looking_at_videos_imports_no_torch(shards):
    from wmframe.testing.declaration import heavy_imports

    look = f"from wmframe.data.shards import ShardSet; ShardSet({str(shards / 'train')!r}).read(0)"
    assert heavy_imports(look) == ""
    assert heavy_imports("from wmframe.data.shards.packing import pack") == ""
