"""Runs of frames are found and divided as the reference's script and lists do."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from wmframe.errors import DamagedError, MissingError, UsageError
from wmframe.interfaces.dataset import Counts
from wmframe_youtube_driving.splits import HELD_OUT, frames_in_list
from wmframe_youtube_driving.survey import URL, is_prepared, runs_of


def reference(numbers, step=5, head=100):
    """Frames of each run by the rule that the reference's script follows, one at a time."""
    videos, last, left = [], None, 0
    for number in numbers:
        if last is None or number != last + 1:
            videos.append([])
            left = head
        last, left = number, left - 1
        if left <= 0 and number % step == 0:
            videos[-1].append(number)
    return videos


@pytest.mark.parametrize("seed", range(20))
def test_runs_are_those_of_the_reference(tmp_path, seed):
    rng = np.random.default_rng(seed)
    numbers = np.flatnonzero(rng.random(3000) < 0.997) + int(rng.integers(100_000))
    found = {run.key: list(run.numbers) for run in runs_of(tmp_path, numbers, skip=99, every=5)}
    wanted = {f"{tmp_path.name}_{k}": v for k, v in enumerate(reference(numbers.tolist())) if v}
    assert found == wanted
    assert len(found) > 1


def test_every_run_of_a_raw_folder_is_a_video(root, make_dataset):
    train = make_dataset().videos(root, "train")
    assert {run.key: list(run.numbers) for run in train} == {
        "dir-1_0": list(range(105, 153, 5)),
        "dir-1_1": list(range(300, 330, 5)),
        "dir-2_0": list(range(1100, 1140, 5)),
    }
    (val,) = make_dataset().videos(root, "val")
    assert (val.key, list(val.numbers)) == ("dir-15_0", list(range(115, 162, 5)))
    with pytest.raises(MissingError, match="no split 'test'"):
        make_dataset().videos(root, "test")


def test_skipping_and_thinning_can_be_set(root, make_dataset):
    train = make_dataset(skip=0, every=2).videos(root, "train")
    assert list(train[0].numbers) == list(range(4, 153, 2))
    with pytest.raises(MissingError, match="long enough"):
        make_dataset(skip=500).videos(root, "train")


def test_the_held_out_folders_are_those_of_the_published_list():
    assert len(HELD_OUT) == 11
    published = {0, 15, 18, 23, 29, 30, 35, 36, 44, 56, 81}
    assert {int(name.removeprefix("dir-")) for name in HELD_OUT} == published


def test_prepared_folders_are_taken_as_they_are(prepared, make_dataset):
    train = make_dataset().videos(prepared, "train")
    assert [(run.key, len(run.numbers)) for run in train] == [("dir-1_0", 11), ("dir-1_1", 7)]
    assert [run.key for run in make_dataset().videos(prepared, "val")] == ["dir-15_0"]


def test_raw_frames_go_before_prepared_ones(root, prepared, make_dataset):
    (prepared / "ytb64x64").rename(root / "ytb64x64")
    assert {run.every for run in make_dataset().videos(root, "train")} == {5}
    train = make_dataset(source="prepared").videos(root, "train")
    assert {run.path.parent.name for run in train} == {"ytb64x64"}


def test_folders_of_ones_own_are_divided_as_told(root, trees, make_dataset):
    shutil.rmtree(root / "newytb")
    trees.write(root / "paris_2", range(20))
    trees.write(root / "new york", range(30))
    with pytest.raises(MissingError, match=r"held out \(dir-0") as caught:
        make_dataset(skip=0).videos(root, "val")
    assert "new york" in caught.value.hint
    dataset = make_dataset(skip=0, held_out=["paris_2"])
    assert [run.key for run in dataset.videos(root, "val")] == ["paris_2_0"]
    assert [run.key for run in dataset.videos(root, "train")] == ["new_york_0"]
    with pytest.raises(MissingError, match="no others"):
        make_dataset(skip=0, held_out=["paris_2", "new york"]).videos(root, "train")


def test_the_reference_s_lists_decide_where_they_are_found(root, make_dataset):
    (root / "ytb_train.txt").write_text("./ytb64x64/dir-15_0 10 None\ndir-1_1 6 None\n\n")
    (root / "ytb_eval.txt").write_text("dir-2_0 8 None\n")
    assert [run.key for run in make_dataset().videos(root, "train")] == ["dir-15_0", "dir-1_1"]
    assert [run.key for run in make_dataset().videos(root, "val")] == ["dir-2_0"]
    held_out = make_dataset(held_out=["dir-1"]).videos(root, "val")
    assert [run.key for run in held_out] == ["dir-1_0", "dir-1_1"]


def test_a_list_that_is_named_goes_before_everything(root, make_dataset):
    (root / "ytb_train.txt").write_text("dir-1_1 6 None\n")
    (root / "mine.txt").write_text("dir-2_0 8 None\n")
    dataset = make_dataset(train_list="mine.txt", held_out=["dir-2"])
    assert [run.key for run in dataset.videos(root, "train")] == ["dir-2_0"]
    with pytest.raises(MissingError, match=r"nowhere\.txt is not there"):
        make_dataset(val_list="nowhere.txt").videos(root, "val")


def test_what_a_list_has_otherwise_is_said(root, make_dataset):
    (root / "mine.txt").write_text("dir-1_0 10 None\ndir-2_0 9 None\ndir-7_0 8976 None\n")
    dataset = make_dataset(train_list="mine.txt")
    with pytest.warns(UserWarning) as caught:
        assert [run.key for run in dataset.videos(root, "train")] == ["dir-1_0", "dir-2_0"]
    absent, other = (str(warning.message) for warning in caught)
    assert absent.startswith("1 of 3 videos of ")
    assert "such as dir-7_0" in absent
    assert "such as dir-2_0: 8, not 9" in other
    (root / "mine.txt").write_text("dir-7_0 8976 None\n")
    with pytest.raises(MissingError, match="all 1 videos of"):
        dataset.videos(root, "train")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("dir-7_0", r"list\.txt:2: 'dir-7_0' is not NAME FRAMES None"),
        ("dir-7_0 many None", "is not NAME FRAMES None"),
        ("dir-7_0 -5 None", "is not NAME FRAMES None"),
        ("made/dir-1_0 11 None", "dir-1_0 is listed twice"),
    ],
)
def test_wrong_rows_of_a_list_are_named(tmp_path, row, message):
    (tmp_path / "list.txt").write_text(f"dir-1_0 11 None\n{row}\n")
    with pytest.raises(DamagedError, match=message):
        frames_in_list(tmp_path / "list.txt")


def test_the_published_counts_are_expected_of_the_published_split(root, make_dataset):
    assert make_dataset().expected(root, "train") == Counts(77, 1_507_459)
    assert make_dataset(every=2).expected(root, "val") == Counts(11)
    assert make_dataset(held_out=["dir-1"]).expected(root, "train") is None
    listed = make_dataset(train_list="mine.txt")
    assert listed.expected(root, "train") is None
    assert listed.expected(root, "val") == Counts(11, 212_866)
    card = make_dataset().card()
    assert "train 77 videos (1,507,459 frames), val 11" in card["splits"]
    assert card["source"] == URL


def test_what_is_missing_is_named_with_where_to_get_it(tmp_path, make_dataset):
    with pytest.raises(MissingError, match="is no folder"):
        make_dataset().videos(tmp_path / "nowhere", "train")
    (tmp_path / "newytb" / "dir-0").mkdir(parents=True)
    (tmp_path / "newytb" / "dir-0" / "000001.jpg").touch()
    with pytest.raises(MissingError, match=r"newytb/dir-0/100\.jpg") as caught:
        make_dataset().videos(tmp_path, "train")
    assert URL in caught.value.hint
    (tmp_path / "ytb.zip").touch()
    with pytest.raises(MissingError) as caught:
        make_dataset().videos(tmp_path, "train")
    assert caught.value.hint == f"unzip {tmp_path / 'ytb.zip'}"


def test_two_copies_are_not_taken_for_two_videos(root, make_dataset):
    shutil.copytree(root / "newytb" / "dir-2", root / "backup" / "dir-2")
    with pytest.raises(UsageError, match="would be the same video"):
        make_dataset().videos(root, "train")


def test_a_decompression_bomb_does_not_end_the_survey(tmp_path, monkeypatch):
    folder = tmp_path / "dir-7_0"
    folder.mkdir()
    Image.new("RGB", (64, 64)).save(folder / "0.jpg")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert is_prepared(folder, np.array([0]))  # decoding refuses it by name
