"""From raw files to frames, to shards by the command line, and to a model that learns from them."""

from __future__ import annotations

from functools import partial

import av
import numpy as np
import pytest
from PIL import Image

from support.commands import command
from support.films import real_film
from wmframe.data.shards import ShardSet, pack
from wmframe.errors import DamagedError
from wmframe.interfaces.dataset import RawVideo
from wmframe.testing.datasets import check_learning
from wmframe_something_something.decoding import frame_paths

HERE = "20bn-something-something-v2"


@pytest.fixture
def wmframe(capsys):
    """Runs ``wmframe WORDS`` in this process: its exit code, output and errors."""
    return partial(command, capsys)


def levels(frames_THWC):
    return frames_THWC.mean((1, 2, 3))


def test_a_video_file_becomes_all_of_its_frames_in_order(root, make_dataset, trees):
    video = make_dataset().videos(root, "train")[0]
    frames_THWC = make_dataset().decode(video, 64)
    assert frames_THWC.shape == (trees.FRAMES["11"], 64, 64, 3)
    assert np.abs(levels(frames_THWC) - levels(trees.moving(trees.FRAMES["11"]))).max() < 4


@pytest.mark.parametrize(("first", "name"), [(1, "{:06d}.jpg"), (0, "img_{:05d}.JPG")])
def test_extracted_frames_become_what_the_video_would(tmp_path, make_dataset, first, name, trees):
    trees.write_frames(tmp_path / "11", trees.moving(12), first, name)
    frames_THWC = make_dataset().decode(RawVideo("11", tmp_path / "11"), 64)
    assert np.abs(levels(frames_THWC) - levels(trees.moving(12))).max() < 3
    listed = make_dataset().decode(RawVideo("11", tmp_path / "11", stop=8), 64)
    assert np.array_equal(listed, frames_THWC[:8])


@pytest.mark.parametrize(
    ("lost", "stop", "message"),
    [
        ((4,), None, "frame 4 is not there"),
        ((1,), None, "frame 1 is not there"),
        ((12,), 12, "frame 12 is not there"),
        ((), 15, "frame 13 is not there; 3 are missing"),
        ((), 0, "no frames"),
        (range(1, 13), None, "no frames"),
    ],
)
def test_frames_that_are_missing_are_named(tmp_path, make_dataset, lost, stop, message, trees):
    trees.write_frames(tmp_path / "11", trees.moving(12))
    for number in lost:
        (tmp_path / "11" / f"{number:06d}.jpg").unlink()
    with pytest.raises(DamagedError, match=message):
        make_dataset().decode(RawVideo("11", tmp_path / "11", stop=stop), 64)


def test_a_file_that_was_cut_is_not_taken_for_a_shorter_video(root, make_dataset):
    path = root / HERE / "40.webm"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DamagedError, match=r"cut: it ends after .* of 2\.5 seconds"):
        make_dataset().decode(RawVideo("40", path), 64)


def test_bad_files_are_named_and_the_rest_is_packed(root, make_dataset, tmp_path, trees):
    (root / HERE / "11.webm").write_bytes(b"")
    (root / HERE / "7.webm").write_bytes(b"no video at all")
    (root / HERE / "23.webm").unlink()
    trees.write_frames(root / "frames" / "23", trees.moving(7))
    (root / "frames" / "23" / "000003.jpg").write_bytes(b"")
    report = pack(make_dataset(), root, tmp_path / "out", processes=0)
    assert set(report.bad) == {"11", "7", "23"}
    assert "FFmpeg cannot decode it" in report.bad["7"]
    assert "000003.jpg cannot be decoded" in report.bad["23"]
    assert [clip.key for clip in ShardSet(tmp_path / "out" / "train").clips] == ["40"]


def test_the_reference_s_frames_and_lists_pack_alike(root, make_dataset, tmp_path, trees):
    trees.write_all_frames(tmp_path / "made", trees.FRAMES)
    trees.write_lists(tmp_path / "made")
    for name, raw in (("videos", root), ("frames", tmp_path / "made")):
        pack(make_dataset(), raw, tmp_path / name, payload="npy", processes=0)
    one, other = (ShardSet(tmp_path / name / "train") for name in ("videos", "frames"))
    assert [(c.key, c.frames, c.label) for c in one.clips] == [
        (c.key, c.frames, c.label) for c in other.clips
    ]
    assert all(
        np.abs(levels(one.read(n)) - levels(other.read(n))).max() < 6 for n in range(len(one))
    )


def test_the_command_line_packs_inspects_and_verifies(root, wmframe, tmp_path):
    out = tmp_path / "shards"
    words = ["--root", root, "--out", out, "--processes", "1"]
    code, printed, _ = wmframe("videos", "pack", "something_something", *words)
    assert code == 0
    assert "train: 4 videos, 58 frames" in printed
    assert "val: 2 videos, 21 frames" in printed
    assert "train: 4 of 168,913 published videos, 168,909 too few; usually" in printed
    code, printed, _ = wmframe("videos", "inspect", out)
    assert (code, "Pushing something from left to right (2)" in printed) == (0, True)
    code, printed, _ = wmframe("videos", "verify", out)
    assert (code, "4 clips are whole, 0 damaged" in printed) == (0, True)


def test_the_command_line_takes_labels_and_says_what_is_missing(root, wmframe, tmp_path):
    words = ["something_something", "--out", tmp_path / "out", "--processes", "0"]
    labels = 'labels=[2, "Holding something next to something"]'
    code, printed, _ = wmframe("videos", "pack", *words, "--root", root, "--set", labels)
    assert code == 0
    assert "train: 2 videos, 19 frames" in printed
    (tmp_path / "empty").mkdir()
    code, _, said = wmframe("videos", "pack", *words, "--root", tmp_path / "empty")
    assert code == 4
    assert "no train.json" in said
    assert "qualcomm.com" in said


def test_a_model_learns_from_the_shards(root, make_dataset, tmp_path):
    for split in ("train", "val"):
        pack(make_dataset(), root, tmp_path / "shards", split=split, size=16, processes=0)
    check_learning("something_something", tmp_path / "shards", tmp_path, length=6)


def test_a_real_film_goes_through(make_dataset, tmp_path, trees):
    film = real_film()
    with av.open(str(film)) as container:
        frames = [
            frame.to_ndarray(width=320, height=136, format="rgb24")
            for frame, _ in zip(container.decode(video=0), range(45), strict=False)
        ]
    root = tmp_path / "raw"
    trees.write_webm(root / HERE / "11.webm", np.stack(frames))
    trees.write_labels(root / "labels")
    with pytest.warns(UserWarning, match="3 of 4"):
        pack(make_dataset(), root, tmp_path / "out", processes=0)
    clips = ShardSet(tmp_path / "out" / "train")
    assert clips.frames.tolist() == [45]
    size = (64, 64)
    wanted = [Image.fromarray(frame).resize(size, Image.Resampling.BICUBIC) for frame in frames]
    assert np.abs(clips.read(0).astype(int) - np.stack(wanted)).mean() < 4


def test_two_images_of_one_number_are_named(trees, tmp_path):
    trees.write_frames(tmp_path / "23", trees.moving(3))
    trees.write_frames(tmp_path / "more", trees.moving(1), name="{}.png")
    (tmp_path / "more" / "1.png").rename(tmp_path / "23" / "1.png")
    with pytest.raises(DamagedError, match=r"000001\.jpg and 1\.png are both frame 1"):
        frame_paths(tmp_path / "23", None)
