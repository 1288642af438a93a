"""Any folder of videos is found, divided and decoded."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from wmframe.data.shards import ShardSet, pack
from wmframe.data.shards.packing import KEY
from wmframe.data.video import write_mp4
from wmframe.errors import MissingError
from wmframe_video_folder.dataset import VideoFolder, key_of, natural


def clip(frames, level):
    return np.full((frames, 48, 64, 3), level, np.uint8)


def write_frames(folder, names):
    folder.mkdir(parents=True)
    for level, name in enumerate(names):
        Image.fromarray(clip(1, 40 * level)[0]).save(folder / name)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "raw"
    write_mp4(root / "pushing" / "left.mp4", clip(9, 60))
    write_mp4(root / "pushing" / "very far" / "left.MP4", clip(7, 90))
    write_mp4(root / "top.mov", clip(5, 120))
    write_frames(root / "lifting" / "a.b", ["10.png", "2.png", "1.jpg"])
    write_mp4(root / ".hidden" / "not.mp4", clip(5, 0))
    (root / "notes.txt").write_text("not a video")
    return root


def dataset(held_out=0.0):
    return VideoFolder(path="", weight=1.0, damaged="refuse", held_out=held_out)


def test_video_files_and_folders_of_frames_are_found_at_any_depth(root):
    found = {
        video.path.relative_to(root).as_posix(): video for video in dataset().videos(root, "train")
    }
    assert {path: video.label for path, video in found.items()} == {
        "lifting/a.b": "lifting",
        "pushing/left.mp4": "pushing",
        "pushing/very far/left.MP4": "very far",
        "top.mov": "",
    }


def test_frames_are_decoded_in_the_order_of_their_numbers(root):
    (video,) = [video for video in dataset().videos(root, "train") if video.path.is_dir()]
    frames_THWC = dataset().decode(video, 64)
    assert frames_THWC.shape == (3, 64, 64, 3)
    levels = frames_THWC[:, 32, 32, 0].astype(int)
    assert np.abs(levels - [80, 40, 0]).max() <= 3


def test_numbers_sort_as_numbers():
    from pathlib import Path

    names = ["frame10.png", "frame2.png", "b.png", "2.png", "11.png"]
    ordered = [path.name for path in sorted(map(Path, names), key=natural)]
    assert ordered.index("2.png") < ordered.index("11.png")
    assert ordered.index("frame2.png") < ordered.index("frame10.png")


def test_keys_are_readable_legal_and_different():
    from pathlib import Path

    paths = ["a/b.mp4", "a_b.mp4", "a/b.webm", "ä b/ü.mp4", "x" * 200 + ".mp4", "."]
    keys = [key_of(Path(path)) for path in paths]
    assert len(set(keys)) == len(keys)
    assert all(KEY.fullmatch(key) and len(key) < 95 for key in keys)
    assert keys[0].startswith("a_b-")


def test_splits_are_disjoint_and_do_not_change_when_videos_come(tmp_path):
    root = tmp_path / "raw"
    root.mkdir()
    names = [f"{n}.mp4" for n in range(400)]
    for name in names:
        (root / name).touch()
    keys = {split: {v.key for v in dataset(0.2).videos(root, split)} for split in ("train", "val")}
    assert not keys["train"] & keys["val"]
    assert len(keys["train"] | keys["val"]) == 400
    assert 0.12 < len(keys["val"]) / 400 < 0.28
    (root / "new.mp4").touch()
    assert keys["val"] <= {video.key for video in dataset(0.2).videos(root, "val")}


def test_a_folder_packs_with_bad_files_named(root, tmp_path):
    (root / "broken.webm").write_bytes(b"no video")
    Image.new("RGB", (8, 8)).save(root / "lifting" / "a.b" / "3.png")
    (root / "lifting" / "a.b" / "3.png").write_bytes(b"no image")
    report = pack(dataset(), root, tmp_path / "out", processes=0)
    problems = sorted(report.bad.values())
    assert problems[0].startswith("broken.webm: FFmpeg")
    assert problems[1].startswith("lifting/a.b: 3.png")
    assert len(problems) == 2
    clips = ShardSet(tmp_path / "out" / "train")
    assert sorted(clips.frames.tolist()) == [5, 7, 9]
    levels = {int(np.median(clips.read(i))) for i in range(3)}
    assert all(min(abs(level - wanted) for wanted in (60, 90, 120)) <= 3 for level in levels)


def test_packing_again_adds_only_what_is_new(root, tmp_path):
    pack(dataset(), root, tmp_path / "out", processes=0)
    write_mp4(root / "later.mp4", clip(6, 30))
    report = pack(dataset(), root, tmp_path / "out", processes=0)
    assert (report.counts["videos"], report.counts["added"]) == (5, 1)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_videos_is_missing(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingError):
        dataset().videos(tmp_path / name, "train")


def test_a_link_to_the_folder_above_makes_no_copies(tmp_path):
    write_mp4(tmp_path / "raw" / "sub" / "plain.mp4", clip(5, 60))
    (tmp_path / "raw" / "sub" / "up").symlink_to("..")
    (video,) = dataset().videos(tmp_path / "raw", "train")
    assert video.path == tmp_path / "raw" / "sub" / "plain.mp4"


def test_linked_videos_and_folders_count_once(root):
    before = dataset().videos(root, "train")
    (root / "again.mp4").hardlink_to(root / "top.mov")
    (root / "pushing" / "same.mp4").symlink_to("left.mp4")
    frames, copy = root / "lifting" / "a.b", root / "lifting" / "copy"
    copy.mkdir()
    for path in frames.iterdir():
        (copy / path.name).hardlink_to(path)
    with pytest.warns(UserWarning, match="further links"):
        assert len(dataset().videos(root, "train")) == len(before)


def test_when_all_videos_fall_into_one_split_that_is_said(tmp_path):
    write_mp4(tmp_path / "only.mp4", clip(5, 60))
    with pytest.raises(MissingError, match=r"none of the 1 videos .* train.*held_out = 1"):
        dataset(1.0).videos(tmp_path, "train")


def test_a_photograph_with_an_orientation_is_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels_HWC = np.zeros((32, 64, 3), np.uint8)
    pixels_HWC[:16, :32, 0] = 250
    Image.fromarray(pixels_HWC).save(tmp_path / "1.jpg", exif=exif)
    (video,) = dataset().videos(tmp_path, "train")
    assert dataset().decode(video, 64)[0, 16, 48, 0] > 200


@pytest.mark.filterwarnings("ignore:passed over")
def test_links_that_are_added_change_neither_keys_nor_splits(root):
    before = dataset().videos(root, "train")
    (root / "a_link").symlink_to("pushing")
    (root / "a_file.mp4").symlink_to("top.mov")
    (root / "a_folder").mkdir()
    for image in ("10.png", "2.png", "1.jpg"):
        (root / "a_folder" / image).symlink_to(root / "lifting" / "a.b" / image)
    assert dataset().videos(root, "train") == before


def test_animated_pictures_are_videos(tmp_path):
    frames = [Image.new("RGB", (8, 8), (60 * level, 0, 0)) for level in range(4)]
    frames[0].save(tmp_path / "a.apng", "PNG", save_all=True, append_images=frames[1:])
    (video,) = dataset().videos(tmp_path, "train")
    assert dataset().decode(video, 8)[:, 4, 4, 0].tolist() == [0, 60, 120, 180]
