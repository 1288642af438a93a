"""Which videos a dataset has, what they show, and how they are divided."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.errors import DamagedError, MissingError
from wmframe.interfaces.dataset import Counts
from wmframe_lerobot.dataset import LeRobot
from wmframe_lerobot.info import read_info
from wmframe_lerobot.splits import numbers_in_split

TOP, WRIST = "observation.images.top", "observation.images.wrist"
VERSIONS = ("v2.0", "v2.1", "v3.0")


def dataset(camera="", held_out=0.0):
    return LeRobot(path="", weight=1.0, damaged="refuse", camera=camera, held_out=held_out)


def shown(frames_THWC):
    return frames_THWC[:, 16, 16, 0].astype(int)


@pytest.mark.parametrize("dtype", ["video", "image"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gives_the_same_videos(write, levels, version, dtype):
    found = dataset().videos(write(version, dtype=dtype), "train")
    assert [video.key for video in found] == [f"observation_images_top-00000{e}" for e in range(3)]
    assert [video.label for video in found] == ["push the T", "lift the cube", "push the T"]
    for episode, (video, length) in enumerate(zip(found, (9, 5, 12), strict=True)):
        frames_THWC = dataset().decode(video, 32)
        assert frames_THWC.shape == (length, 32, 32, 3)
        assert frames_THWC.dtype == np.uint8
        assert np.abs(shown(frames_THWC) - levels(episode, length)).max() <= 3


def test_what_the_dataset_says_of_itself_is_expected(write, change):
    root = write("v3.0")
    assert dataset().expected(root, "train") == Counts(3)
    change(root, total_frames=26)
    assert dataset().expected(root, "train") == Counts(3, 26)
    assert dataset("all").expected(root, "train") == Counts(6, 52)
    change(root, splits={"train": "0:2", "val": "2:3"})
    assert dataset().expected(root, "train") == Counts(2)
    assert dataset("all").expected(root, "val") == Counts(2)
    change(root, total_episodes=None)
    assert dataset().expected(root, "train") is None


@pytest.mark.parametrize("options", [{"g": "2", "bf": "0"}, {"g": "30", "bf": "3"}, {"g": "7"}])
def test_a_stretch_of_a_long_file_is_found_whatever_its_keyframes(write, levels, options):
    lengths = (37, 4, 41, 1, 30)
    root = write("v3.0", lengths=lengths, options=options)
    for episode, video in enumerate(dataset().videos(root, "train")):
        assert (video.start, video.stop) == (sum(lengths[:episode]), sum(lengths[: episode + 1]))
        wanted = levels(episode, lengths[episode])
        assert np.abs(shown(dataset().decode(video, 32)) - wanted).max() <= 4


def test_all_cameras_are_videos_and_one_can_be_chosen_by_its_last_word(write, levels):
    root = write("v3.0")
    every = dataset("all").videos(root, "train")
    assert len({video.key for video in every}) == len(every) == 6
    for camera in (WRIST, "wrist"):
        (video, *_) = dataset(camera).videos(root, "train")
        assert video.path.relative_to(root).parts[1] == WRIST
        assert np.abs(shown(dataset().decode(video, 32)) - levels(0, 9, WRIST)).max() <= 3


@pytest.mark.parametrize("version", VERSIONS)
def test_a_camera_that_is_not_there_is_answered_with_those_that_are(write, version):
    with pytest.raises(MissingError, match=r"did you mean 'observation\.images\.wrist'"):
        dataset("observation.images.wirst").videos(write(version), "train")


def test_depth_maps_are_no_camera_unless_named(write):
    info = read_info(write("v2.1"))
    assert info.choose("all") == (TOP, WRIST)
    assert info.choose("depth") == ("observation.depth",)


def test_a_dataset_without_pictures_is_refused(write, change):
    root = write("v2.0")
    change(root, features={"action": {"dtype": "float32", "shape": [2]}})
    with pytest.raises(MissingError, match="no camera"):
        dataset().videos(root, "train")


def test_names_of_cameras_that_look_alike_keep_their_keys_apart(write, change):
    root = write("v2.0")
    video = {"dtype": "video", "shape": [8, 8, 3]}
    change(root, features={"cam.a": video, "cam_a": video, "cam-a": video})
    assert len({one.key for one in dataset("all").videos(root, "train")}) == 9


def test_a_camera_that_did_not_film_an_episode_gives_no_video_of_it(write):
    import pyarrow as pa
    import pyarrow.parquet as pq

    root = write("v3.0")
    path = root / "meta" / "episodes" / "chunk-000" / "file-000.parquet"
    table = pq.read_table(path)
    name = f"videos/{TOP}/file_index"
    at = table.column_names.index(name)
    pq.write_table(table.set_column(at, name, pa.array([0, None, 0])), path)
    assert [video.key[-1] for video in dataset().videos(root, "train")] == ["0", "2"]


def test_splits_that_the_dataset_names_are_followed(write, change):
    root = write("v2.1", lengths=(3,) * 6)
    change(root, splits={"train": "0:3", "val": "3:4", "test": "4:6"})
    found = {s: [v.key[-1] for v in dataset().videos(root, s)] for s in ("train", "val")}
    assert found == {"train": ["0", "1", "2"], "val": ["3"]}
    change(root, splits={"validation": "4:", "test": ":1"})
    found = {s: [v.key[-1] for v in dataset().videos(root, s)] for s in ("train", "val")}
    assert found == {"train": ["1", "2", "3"], "val": ["4", "5"]}


def test_without_named_splits_a_hash_holds_episodes_out_before_all_cameras(write, change):
    root = write("v3.0", lengths=(1,) * 40)
    cut = dataset("all", 0.25)
    episodes = {s: {v.key[-6:] for v in cut.videos(root, s)} for s in ("train", "val")}
    assert not episodes["train"] & episodes["val"]
    assert len(episodes["train"] | episodes["val"]) == 40
    assert len(cut.videos(root, "val")) == 2 * len(episodes["val"]) > 0
    change(root, splits=None)
    assert {v.key[-6:] for v in cut.videos(root, "val")} == episodes["val"]
    assert 60 < len(numbers_in_split(range(400), {}, "val", 0.25)) < 140


def test_a_label_is_looked_up_where_the_episode_names_none(write):
    root = write("v2.0")
    (root / "meta" / "episodes.jsonl").write_text(
        '{"episode_index": 0, "length": 9, "tasks": [1]}\n'
    )
    assert dataset().videos(root, "train")[0].label == "lift the cube"
    (root / "meta" / "episodes.jsonl").write_text('{"episode_index": 0, "length": 9}\n')
    assert dataset().videos(root, "train")[0].label == ""
    (root / "meta" / "tasks.jsonl").write_text('{"task_index": 0, "task": "the only one"}\n')
    assert dataset().videos(root, "train")[0].label == "the only one"


def test_a_foreign_key_is_refused(write):
    import attrs

    video = dataset().videos(write("v2.0", dtype="image"), "train")[0]
    with pytest.raises(DamagedError, match="holiday"):
        dataset().decode(attrs.evolve(video, key="holiday-000000"), 32)
