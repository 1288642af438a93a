"""Human3.6M is found in every layout, divided, cropped frame by frame and decoded."""

from __future__ import annotations

import pickle
import shutil

import h5py
import numpy as np
import pytest

from wmframe.data.shards import ShardSet, pack
from wmframe.errors import DamagedError, MissingError, UsageError
from wmframe.interfaces.dataset import Counts
from wmframe_human36m.dataset import Human36M
from wmframe_human36m.titles import CAMERAS, SV_VALID, Title, belongs, subjects_of

SUBJECTS = (1, 9, 11)


def dataset(**settings):
    return Human36M(**{"subjects": SUBJECTS, **settings})


def keys(found):
    return [video.key for video in found]


def test_videos_have_the_frames_that_the_publisher_lists(published):
    found = dataset().videos(published, "train")
    assert [(v.key, v.label, v.start, v.stop) for v in found] == [
        ("S1_Directions-54138969", "Directions", 0, 3),
        ("S1_TakingPhoto_1-55011271", "TakingPhoto", 0, 2),
    ]
    assert {v.path for v in found} == {published / "h36m" / "images"}
    assert keys(dataset().videos(published, "val")) == [
        "S11_WalkDog-58860488",
        "S9_Eating_1-54138969",
        "S9_Eating_1-60457274",
    ]


def test_the_published_counts_are_expected_of_all_subjects_and_cameras(tmp_path):
    for division, train, val in (("subjects", 600, 239), ("full", 839, 239), ("sv", 820, 19)):
        whole = Human36M(division=division)
        found = [whole.expected(tmp_path, split) for split in ("train", "val")]
        assert found == [Counts(train), Counts(val)]
    assert dataset().expected(tmp_path, "train") is None
    assert Human36M(cameras=CAMERAS[:1]).expected(tmp_path, "train") is None


@pytest.mark.parametrize("split", ["train", "val"])
def test_every_usual_layout_gives_the_same_videos_and_pictures(published, tree, tmp_path, split):
    h36m = published / "h36m"
    script = tmp_path / "script"  # ContextWM's: annotations beside the folder of the frames
    shutil.copytree(h36m / "annot", script)
    (script / "human").symlink_to(h36m / "images")
    folders = tmp_path / "folders"  # a folder for each subject
    shutil.copytree(h36m / "annot", folders / "annot")
    for path in (h36m / "images").iterdir():
        folder = folders / "images" / path.name.partition("_")[0]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).symlink_to(path)
    wanted = dataset().videos(published, split)
    for root in (h36m, h36m / "images", script, folders):
        found = dataset().videos(root, split)
        assert keys(found) == keys(wanted)
        assert np.array_equal(dataset().decode(found[0], 16), dataset().decode(wanted[0], 16))


def test_a_root_that_is_relative_is_understood(published, monkeypatch):
    monkeypatch.chdir(published / "h36m" / "images")
    video = dataset().videos(published.__class__(), "val")[0]
    assert dataset().decode(video, 8).shape == (2, 8, 8, 3)


def test_each_frame_is_cropped_around_its_own_joints(published):
    video = next(v for v in dataset().videos(published, "val") if v.stop == 4)
    frames_THWC = pickle.loads(pickle.dumps(dataset())).decode(video, 50).astype(float)
    assert frames_THWC.shape == (4, 50, 50, 3)
    # joints: 100 x 300 around (350, 450), 20 to the right each frame; so 500 x 500 from (100, 200)
    middle = frames_THWC[:, 24:26, 24:26].mean((1, 2))
    assert np.abs(middle[:, 0] - 0.255 * (350 + 20 * np.arange(4))).max() < 1.5
    assert np.abs(middle[:, 1] - 0.255 * 450).max() < 1.5
    edge = frames_THWC[0, 5:-5].mean(0)[5:-5, 0]  # red along the width: 10 pixels of the frame each
    assert np.abs(np.diff(edge) - 2.55).max() < 0.6


def test_divisions_are_those_of_the_publisher_and_of_contextwm():
    titles = [Title.parse(text) for text in (*SV_VALID, "S5_Eating.54138969")]
    assert len(SV_VALID) == 19
    assert all(title is not None for title in titles)
    count = {
        (division, split): sum(belongs(title, division, split) for title in titles)
        for division in ("subjects", "full", "sv")
        for split in ("train", "val")
    }
    assert (count["subjects", "train"], count["subjects", "val"]) == (15, 5)
    assert (count["full", "train"], count["full", "val"]) == (20, 5)
    assert (count["sv", "train"], count["sv", "val"]) == (1, 19)
    assert subjects_of("subjects", "val") == (9, 11)


def test_divisions_and_choices_reach_the_videos(published):
    assert len(dataset(division="full").videos(published, "train")) == 5
    assert keys(dataset(division="sv").videos(published, "val")) == ["S1_Directions-54138969"]
    only = dataset(division="full", cameras=CAMERAS[:1])
    assert {key[-8:] for key in keys(only.videos(published, "train"))} == {"54138969"}
    assert keys(dataset(subjects=(11,)).videos(published, "val")) == ["S11_WalkDog-58860488"]
    assert dataset(subjects=(1,)).videos(published, "val") == []


def test_subjects_that_are_not_there_are_named_with_their_archives(published, tmp_path):
    with pytest.raises(MissingError, match="S5, S6, S7, S8") as error:
        Human36M().videos(published, "train")
    assert "S5.tar, S6.tar" in error.value.hint
    assert "--set subjects=[1, 9, 11]" in error.value.hint
    with pytest.raises(MissingError, match="S9, S11"):
        dataset().videos(tmp_path, "val")
    with pytest.raises(MissingError, match="no folder"):
        dataset().videos(tmp_path / "nowhere", "val")


@pytest.mark.parametrize("name", ["train.h5", "train_images.txt", None])
def test_annotations_that_are_not_there_are_named(raw, name):
    annot = raw / "h36m" / "annot"
    if name:
        (annot / name).unlink()
    else:
        shutil.rmtree(annot)
    with pytest.raises(MissingError, match=name or r"train\.h5, train_images\.txt") as error:
        dataset().videos(raw, "train")
    assert "h36m_annot.tar" in error.value.hint
    assert "cropped=true" in error.value.hint
    if name:
        assert len(dataset().videos(raw, "val")) == 3


def spoil_text(annot):
    (annot / "train_images.txt").write_text("S1_Directions.54138969_000001.jpg\nfile 2\n")


def spoil_length(annot):
    with (annot / "train_images.txt").open("a") as file:
        file.write("S1_Directions.54138969_000016.jpg\n")


def spoil_key(annot):
    with h5py.File(annot / "train.h5", "w") as file:
        file["joints"] = np.zeros((5, 17, 2))


def spoil_shape(annot):
    with h5py.File(annot / "train.h5", "w") as file:
        file["part"] = np.zeros((5, 34))


def cut(annot):
    whole = (annot / "train.h5").read_bytes()
    (annot / "train.h5").write_bytes(whole[: len(whole) // 2])


def link_out(annot):
    (annot / "train.h5").rename(annot / "other.h5")
    with h5py.File(annot / "train.h5", "w") as file:
        file["part"] = h5py.ExternalLink("other.h5", "part")


def link_within(annot):
    link_out(annot)
    with h5py.File(annot / "train.h5", "a") as file:
        file.move("part", "elsewhere")
        file["part"] = h5py.SoftLink("/elsewhere")


def store_out(annot):
    with h5py.File(annot / "train.h5", "w") as file:
        external = [("/etc/hostname", 0, 6 * 17 * 2 * 8)]
        file.create_dataset("part", (6, 17, 2), "f8", external=external)


def make_virtual(annot):
    (annot / "train.h5").rename(annot / "other.h5")
    layout = h5py.VirtualLayout((5, 17, 2), "f8")
    layout[:] = h5py.VirtualSource(annot / "other.h5", "part", (5, 17, 2))
    with h5py.File(annot / "train.h5", "w") as file:
        file.create_virtual_dataset("part", layout)


def claim_much(annot):
    with h5py.File(annot / "train.h5", "w") as file:
        file.create_dataset("part", (5, 10**9, 2), "f8", chunks=(1, 2**10, 2))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (link_out, "'part' is a link"),
        (link_within, "'part' is a link"),
        (store_out, "are in other files"),
        (make_virtual, "are in other files"),
        (claim_much, r"shape \(5, 1000000000, 2\)"),
        (spoil_text, "line 2 is"),
        (spoil_length, "joints of 5 frames.*names 6"),
        (spoil_key, "no 'part'"),
        (spoil_shape, r"shape \(5, 34\)"),
        (cut, "cannot be read as HDF5"),
    ],
)
def test_damaged_annotations_are_refused_before_anything_is_packed(raw, spoil, message):
    spoil(raw / "h36m" / "annot")
    with pytest.raises(DamagedError, match=message):
        dataset().videos(raw, "train")


def test_cropped_frames_are_taken_whole_at_every_fifth_number(tree, tmp_path):
    small = tree.frame()[::10, ::10]
    tree.write_frames(tmp_path, {"S9_Eating.54138969": 3, "S11_Eating.55011271": 1}, small)
    data = dataset(cropped=True)
    first, second = data.videos(tmp_path, "val")
    assert (second.key, second.stop) == ("S9_Eating-54138969", 3)
    (frame_HWC,) = data.decode(first, 50)
    assert np.abs(frame_HWC[25, :, 0] - np.linspace(0, 255, 50)).max() < 6
    (tmp_path / "S9_Eating.54138969_000006.jpg").rename(tmp_path / "S9_Eating.54138969_000007.jpg")
    with pytest.raises(DamagedError, match=r"_000006\.jpg of 3 frames are missing"):
        data.decode(second, 50)


def test_lists_of_the_reference_say_how_long_cropped_videos_are(tree, tmp_path):
    folder = tmp_path / "human_trace"
    tree.write_frames(
        folder, {"S9_Eating.54138969": 3, "S11_Eating.55011271": 1}, tree.frame()[:64]
    )
    rows = "S9_Eating.54138969 2 Eating\nS11_Eating.55011271 2 Eating\nS9_Photo.55011271 1 Photo\n"
    (tmp_path / "human_valid.txt").write_text(rows)
    report = pack(dataset(cropped=True), tmp_path, tmp_path / "out", split="val", processes=0)
    (clip,) = ShardSet(report.folder).clips
    assert (clip.key, clip.frames, clip.label) == ("S9_Eating-54138969", 2, "Eating")
    assert sorted(report.bad) == ["S11_Eating-55011271", "S9_Photo-55011271"]
    assert "S11_Eating.55011271_000006.jpg" in report.bad["S11_Eating-55011271"]
    (tmp_path / "human_valid.txt").write_text("S9_Eating.54138969\n")
    with pytest.raises(DamagedError, match=r"human_valid\.txt:1: .* is not TITLE FRAMES ACTION"):
        dataset(cropped=True).videos(tmp_path, "val")


def test_cropped_frames_beside_the_others_are_not_confused_with_them(raw, tree):
    tree.write_frames(raw / "cropped", {"S9_Eating_1.54138969": 1}, tree.frame()[:64, :64])
    with pytest.raises(UsageError, match=r"has frames in .* and in ") as error:
        dataset().videos(raw, "val")
    assert "--root" in error.value.hint
