"""Episodes are found, divided and read; those that are damaged are told from the others."""

from __future__ import annotations

import pickle
import zipfile

import numpy as np
import pytest

from wmframe.data.decoding import resize
from wmframe.errors import DamagedError, MissingError
from wmframe_rlbench.dataset import RLBench
from wmframe_rlbench.episodes import read_frames


def dataset(held_out=0.0):
    return RLBench(held_out=held_out)


def keys(found):
    return [video.key for video in found]


def test_episodes_are_found_from_any_folder_above_them_and_in_order(raw):
    found = dataset().videos(raw, "train")
    assert len(found) == 20
    assert found[3].key == "20211228T112203-00000000000000000000000000000003-5"
    assert keys(found) == sorted(keys(found))
    for root in (raw / "rlbench", raw / "rlbench" / "train_episodes"):
        assert keys(dataset().videos(root, "train")) == keys(found)


def test_a_folder_of_the_files_themselves_will_do(tmp_path, write_episode):
    write_episode(tmp_path / "files", 0)
    assert len(dataset().videos(tmp_path / "files", "train")) == 1


def test_eval_episodes_are_held_out_if_there_are_any(raw, write_episode):
    (raw / "rlbench" / "eval_episodes").mkdir()  # DreamerV2 makes the folder before it has any
    assert dataset().videos(raw, "val") == []
    write_episode(raw / "rlbench" / "eval_episodes", 30)
    assert len(dataset(0.5).videos(raw, "train")) == 20
    assert keys(dataset(0.5).videos(raw, "val")) == [
        "20211228T112230-0000000000000000000000000000001e-5"
    ]


def test_otherwise_a_hash_divides_and_does_not_change_when_episodes_come(raw, write_episode):
    data = dataset(0.4)
    train, val = (keys(data.videos(raw, split)) for split in ("train", "val"))
    assert sorted(train + val) == keys(dataset().videos(raw, "train"))
    assert 2 <= len(val) <= 14
    write_episode(raw / "rlbench" / "train_episodes", 25)
    assert set(val) <= set(keys(data.videos(raw, "val")))
    assert set(train) <= set(keys(data.videos(raw, "train")))


@pytest.mark.parametrize("name", ["nowhere", "empty", "judged"])
def test_what_is_missing_is_said_with_where_to_get_it(tmp_path, write_episode, name):
    (tmp_path / "empty").mkdir()
    write_episode(tmp_path / "judged" / "eval_episodes", 0)
    with pytest.raises(MissingError, match=r"train_episodes|no folder") as error:
        dataset().videos(tmp_path / name, "val")
    assert name == "nowhere" or "drive.google.com" in error.value.hint


def test_pictures_are_those_of_the_file_and_nothing_else_is_read(tmp_path, write_episode):
    code = np.array([{"not": "numbers"}], object)
    image_THWC = write_episode(tmp_path, 0, action=code)
    (video,) = dataset().videos(tmp_path, "train")
    frames_THWC = pickle.loads(pickle.dumps(dataset())).decode(video, 64)
    assert np.array_equal(frames_THWC, image_THWC)


def test_another_size_is_resized(tmp_path, write_episode):
    image_THWC = write_episode(tmp_path, 0, size=128)
    (video,) = dataset().videos(tmp_path, "train")
    frames_THWC = dataset().decode(video, 32)
    assert frames_THWC.shape == (6, 32, 32, 3)
    assert np.array_equal(frames_THWC[2], resize(image_THWC[2], 32))


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((6, 3, 64, 64), np.uint8), r"uint8 \(6, 3, 64, 64\)"),
        (np.zeros((6, 64, 64, 3), np.float32), "float32"),
        (np.zeros((64, 64, 3), np.uint8), r"\(64, 64, 3\)"),
        (np.zeros((4, 64, 64, 3), np.uint8), "4 frames, its name says 6"),
        (np.zeros((6, 0, 0, 3), np.uint8), "its name says"),
        (np.array([None] * 6), "object"),
    ],
)
def test_pictures_that_are_wrong_are_damage(tmp_path, write_episode, image, message):
    write_episode(tmp_path, 0, image=image)
    with pytest.raises(DamagedError, match=message):
        read_frames(next(tmp_path.glob("*.npz")))


def flip(path):
    """Change bytes amid the compressed pictures."""
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("image.npy").header_offset
    content = bytearray(path.read_bytes())
    content[start + 200 : start + 260] = bytes(60)
    path.write_bytes(content)


def test_files_that_are_damaged_are_told_apart(tmp_path, write_episode):
    write_episode(tmp_path, 0)
    path = next(tmp_path.glob("*.npz"))
    whole = path.read_bytes()
    flip(path)
    with pytest.raises(DamagedError, match="NumPy cannot read it"):
        read_frames(path)
    for content in (whole[: len(whole) // 2], b"", b"no archive"):
        path.write_bytes(content)
        with pytest.raises(DamagedError, match="no npz file, or its end is missing"):
            read_frames(path)
    np.savez(path, observation=np.zeros(3))
    with pytest.raises(DamagedError, match="no 'image'"):
        read_frames(path)
