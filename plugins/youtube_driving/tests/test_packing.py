"""From frames to shards by the command line, and to a model that learns from them."""

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


@pytest.fixture
def wmframe(capsys):
    """Runs ``wmframe WORDS`` in this process: its exit code, output and errors."""
    return partial(command, capsys)


def test_frames_are_the_squares_around_the_centre_in_order(root, make_dataset, trees):
    video = make_dataset().videos(root, "train")[0]
    frames_THWC = make_dataset().decode(video, 64)
    assert frames_THWC.shape == (10, 64, 64, 3)
    wanted = np.array([trees.level(number) for number in range(105, 153, 5)])
    assert np.abs(frames_THWC[:, 2:-2, 2:-2].astype(int) - wanted[:, None, None, None]).max() < 12
    assert np.abs(frames_THWC.mean((1, 2, 3)) - wanted).max() < 3


@pytest.mark.parametrize(("height", "width"), [(37, 64), (64, 37), (40, 40), (41, 41)])
def test_frames_of_any_shape_become_square(tmp_path, make_dataset, height, width):
    y, x = np.mgrid[:height, :width] - np.array([height // 2, width // 2])[:, None, None]
    disc_HW = (y**2 + x**2 < 15**2).astype(np.uint8) * 255
    frames = tmp_path / "dir-1"
    frames.mkdir()
    Image.fromarray(disc_HW).save(frames / "0.jpg", quality=95)
    (video,) = make_dataset(skip=0, held_out=["none"]).videos(tmp_path, "train")
    (frame_HWC,) = make_dataset().decode(video, 64)
    assert frame_HWC[32, 32].min() > 200
    assert frame_HWC[[0, 0, -1, -1], [0, -1, 0, -1]].max() < 60
    rows, columns = (np.flatnonzero(frame_HWC.mean(2).max(axis) > 128) for axis in (1, 0))
    assert abs(len(rows) - len(columns)) <= 2


def test_prepared_frames_are_not_changed(prepared, make_dataset):
    video = make_dataset(held_out=["dir-15"]).videos(prepared, "train")[0]
    frames_THWC = make_dataset().decode(video, 64)
    with Image.open(video.path / "7.jpg") as image:
        assert np.array_equal(frames_THWC[7], np.asarray(image))


def test_bad_frames_are_named_and_other_videos_packed(root, prepared, make_dataset, tmp_path):
    folder = root / "newytb"
    (folder / "dir-1" / "105.jpg").write_bytes(b"")
    cut = (folder / "dir-2" / "1110.jpg").read_bytes()
    (folder / "dir-2" / "1110.jpg").write_bytes(cut[: len(cut) // 2])
    (folder / "dir-2" / "1111.jpg").write_bytes(b"never read")
    report = pack(make_dataset(), root, tmp_path / "out", processes=0)
    assert set(report.bad) == {"dir-1_0", "dir-2_0"}
    assert "105.jpg cannot be decoded" in report.bad["dir-1_0"]
    assert "1110.jpg cannot be decoded" in report.bad["dir-2_0"]
    (prepared / "ytb64x64" / "dir-1_0" / "4.jpg").unlink()
    report = pack(make_dataset(held_out=["dir-15"]), prepared, tmp_path / "made", processes=0)
    assert report.bad["dir-1_0"].endswith("frame 4.jpg is not there")
    assert [clip.key for clip in ShardSet(tmp_path / "made" / "train").clips] == ["dir-1_1"]


def test_without_its_bad_frame_a_run_is_two_videos(root, make_dataset):
    (root / "newytb" / "dir-2" / "1020.jpg").unlink()
    found = make_dataset(skip=10, held_out=["dir-15"]).videos(root, "train")
    parts = {run.key: (run.start, run.stop) for run in found if run.origin == "dir-2"}
    assert parts == {"dir-2_0": (1010, 1020), "dir-2_1": (1035, 1140)}


def test_a_foreign_video_is_refused(root, make_dataset):
    with pytest.raises(DamagedError, match="holiday"):
        make_dataset().decode(RawVideo("holiday", root / "newytb" / "dir-2"), 64)


def test_the_command_line_packs_inspects_and_verifies(root, wmframe, tmp_path):
    out = tmp_path / "shards"
    words = ["youtube_driving", "--out", out, "--processes", "1"]
    code, printed, _ = wmframe("videos", "pack", *words, "--root", root)
    assert code == 0
    assert "train: 3 videos, 24 frames" in printed
    assert "train: 3 of 77 published videos, 74 too few" in printed
    assert "val: 1 videos, 10 frames" in printed
    code, printed, _ = wmframe("videos", "inspect", out)
    assert (code, "6 to 10 frames" in printed) == (0, True)
    code, printed, _ = wmframe("videos", "verify", out)
    assert (code, "3 clips are whole, 0 damaged" in printed) == (0, True)
    code, _, said = wmframe("videos", "pack", *words, "--root", out)
    assert code == 4
    assert "no folders of frames" in said


def test_a_model_learns_from_the_shards(root, make_dataset, tmp_path):
    for split in ("train", "val"):
        pack(make_dataset(), root, tmp_path / "shards", split=split, size=16, processes=0)
    check_learning("youtube_driving", tmp_path / "shards", tmp_path, length=6)


def test_a_real_street_goes_through(make_dataset, tmp_path):
    film = real_film()
    folder = tmp_path / "raw" / "newytb" / "dir-1"
    folder.mkdir(parents=True)
    with av.open(str(film)) as container:
        for number, frame in enumerate(container.decode(video=0), 6510):
            frame.to_image().save(folder / f"{number}.jpg", quality=95)
    dataset = make_dataset(held_out=["none"])
    pack(dataset, tmp_path / "raw", tmp_path / "out", processes=0)
    clips = ShardSet(tmp_path / "out" / "train")
    assert clips.frames.tolist() == [30]
    frames_THWC = clips.read(0)
    with Image.open(folder / "6610.jpg") as image:
        middle = image.crop((184, 0, 456, 272)).resize((64, 64), Image.Resampling.BICUBIC)
    assert np.abs(frames_THWC[0].astype(int) - np.asarray(middle)).mean() < 4
    assert np.abs(np.diff(frames_THWC.astype(int), axis=0)).mean() > 1
