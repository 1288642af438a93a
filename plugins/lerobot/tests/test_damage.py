"""What is damaged, missing or hostile is named, and nothing outside the folder is touched."""

from __future__ import annotations

import io
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from wmframe.data.shards import ShardSet, pack
from wmframe.errors import DamagedError, MissingError
from wmframe_lerobot.dataset import LeRobot
from wmframe_lerobot.frames import decode_pictures, decode_stretch
from wmframe_lerobot.paths import fill
from wmframe_lerobot.replay import EpisodeReader

EPISODES = "meta/episodes/chunk-000/file-000.parquet"
ROWS = "data/chunk-000/file-000.parquet"
TOP = "videos/observation.images.top"


def rewrite(root, column, values, file=EPISODES):
    table = pq.read_table(root / file)
    at = table.column_names.index(column)
    pq.write_table(table.set_column(at, column, pa.array(values)), root / file)


def dataset(camera=""):
    return LeRobot(path="", weight=1.0, damaged="refuse", camera=camera, held_out=0.0)


def test_a_folder_without_info_is_no_dataset(tmp_path):
    with pytest.raises(MissingError, match=r"no LeRobot dataset(.|\n)*hf download"):
        dataset().videos(tmp_path, "train")


@pytest.mark.parametrize("version", ["v1.6", "v4.0", "soon"])
def test_other_versions_are_named(write, change, version):
    root = write("v2.0")
    change(root, codebase_version=version)
    with pytest.raises(MissingError, match=f"version {version}; v2.0, v2.1 and v3.0"):
        dataset().videos(root, "train")


@pytest.mark.parametrize(
    "fields", [{"fps": 0}, {"fps": None}, {"features": []}, {"features": {"a": {}}}, {"splits": 3}]
)
def test_an_info_that_makes_no_sense_is_damaged(write, change, fields):
    root = write("v2.0")
    change(root, **fields)
    with pytest.raises(DamagedError, match=r"info\.json is damaged"):
        dataset().videos(root, "train")


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"null"])
def test_an_info_that_is_no_json_object_is_damaged(write, content):
    root = write("v2.0")
    (root / "meta" / "info.json").write_bytes(content)
    with pytest.raises(DamagedError, match=r"info\.json is damaged"):
        dataset().videos(root, "train")


@pytest.mark.parametrize(
    "text", ["no json\n", "[1]\n", '{"episode_index": 0}\n', '{"length": -1}\n']
)
def test_a_list_of_episodes_that_makes_no_sense_is_damaged(write, text):
    root = write("v2.1")
    (root / "meta" / "episodes.jsonl").write_text(text)
    with pytest.raises(DamagedError, match="damaged"):
        dataset().videos(root, "train")


def test_a_split_that_is_no_range_is_damaged(write, change):
    root = write("v2.1")
    change(root, splits={"train": "all of them"})
    with pytest.raises(DamagedError, match="split train is 'all of them'"):
        dataset().videos(root, "train")


def test_a_damaged_or_missing_table_of_episodes_is_named(write):
    root = write("v3.0")
    path = root / "meta" / "episodes" / "chunk-000" / "file-000.parquet"
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DamagedError, match=r"file-000\.parquet is damaged"):
        dataset().videos(root, "train")
    path.unlink()
    with pytest.raises(DamagedError, match="no Parquet files"):
        dataset().videos(root, "train")


def test_videos_that_cannot_be_read_are_named_and_the_rest_is_packed(write, tmp_path):
    root = write("v2.1", lengths=(6, 6, 6, 6, 6))
    paths = sorted(root.glob("videos/*/observation.images.top/*.mp4"))
    paths[0].unlink()
    paths[1].write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    paths[2].write_bytes(b"no video")
    paths[3].write_bytes(paths[3].read_bytes()[:900])
    report = pack(dataset(), root, tmp_path / "out", processes=0)
    problems = [report.bad[key].partition(": ")[2] for key in sorted(report.bad)]
    assert [one.split(":")[0].split("/")[-1] for one in problems] == [
        "episode_000000.mp4 is not there; download the dataset again",
        "episode_000001.mp4 is a placeholder of Git LFS",
        "FFmpeg cannot decode it",
        "FFmpeg cannot decode it",
    ]
    assert ShardSet(tmp_path / "out" / "train").frames.tolist() == [6]


def test_a_file_that_ends_before_its_last_episode_loses_that_one_only(write, tmp_path):
    root = write("v3.0", lengths=(8, 8, 8))
    rewrite(root, "length", [8, 8, 11])
    rewrite(root, "videos/observation.images.top/to_timestamp", [0.8, 1.6, 2.7])
    report = pack(dataset(), root, tmp_path / "out", processes=0)
    (problem,) = report.bad.values()
    assert "8 of its frames 16 to 27 are there; 24 is not" in problem
    assert report.counts["videos"] == 2


def test_pictures_that_cannot_be_read_are_damaged():
    for cells in ([], [None], [{"bytes": None, "path": "/etc/hosts"}], [{"bytes": b"no image"}]):
        with pytest.raises(DamagedError):
            decode_pictures(cells, 32)


def test_only_formats_that_are_known_to_run_nothing_are_tried():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "BMP")
    with pytest.raises(DamagedError, match="picture 0 cannot be decoded"):
        decode_pictures([{"bytes": buffer.getvalue()}], 32)


def test_a_playlist_that_calls_itself_mp4_opens_nothing(write):
    root = write("v2.1")
    (path, other, *_) = sorted(root.glob("videos/*/observation.images.top/*.mp4"))
    path.write_text(f"ffconcat version 1.0\nfile {other.name}\n")
    with pytest.raises(DamagedError, match="FFmpeg"):
        dataset().decode(dataset().videos(root, "train")[0], 32)


@pytest.mark.parametrize("template", ["../{video_key}.mp4", "/etc/{video_key}", "a/../../b.mp4"])
def test_paths_stay_below_the_folder(write, change, template):
    root = write("v2.1")
    change(root, video_path=template)
    with pytest.raises(DamagedError, match="outside the dataset"):
        dataset().videos(root, "train")


def test_a_camera_cannot_lead_outside_either(write, change):
    root = write("v2.1")
    info = json.loads((root / "meta" / "info.json").read_text())
    change(root, features={"..": info["features"]["observation.images.top"]})
    with pytest.raises(DamagedError, match="outside the dataset"):
        dataset().videos(root, "train")


@pytest.mark.parametrize(
    "template",
    ["{key.__class__}", "{key[0]}", "{key!r}", "{key:>9999999999}", "{other}", "{key", "{}"],
)
def test_templates_are_filled_in_and_never_run(template):
    with pytest.raises(DamagedError):
        fill(template, key=1)


def test_a_template_is_filled_in_as_the_format_says():
    assert fill("a-{key:03d}/{name}.mp4", key=7, name="cam") == "a-007/cam.mp4"


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("from_timestamp", [0.0, 0.9, 1.6], "from_timestamp is 0.9 s, frame 9 .* have 8 frames"),
        ("from_timestamp", [0.0, 0.7, 1.6], "from_timestamp is 0.7 s, frame 7 .* have 8 frames"),
        ("to_timestamp", [0.8, 1.7, 2.4], "to_timestamp are 9 frames, but length is 8"),
    ],
)
def test_fields_that_contradict_each_other_are_named(write, tmp_path, column, values, message):
    root = write("v3.0", lengths=(8, 8, 8))
    rewrite(root, f"{TOP}/{column}", values)
    report = pack(dataset(), root, tmp_path / "out", processes=0)
    assert [key[-6:] for key in report.bad] == ["000001"]
    assert re.search(message, next(iter(report.bad.values())))


def test_a_drift_within_half_a_frame_takes_no_frame_of_the_next_episode(write, levels):
    root = write("v3.0", lengths=(8, 8, 8))
    rewrite(root, f"{TOP}/from_timestamp", [0.0, 0.83, 1.64])
    rewrite(root, f"{TOP}/to_timestamp", [0.83, 1.64, 2.4])
    for episode, video in enumerate(dataset().videos(root, "train")):
        seen = dataset().decode(video, 32)[:, 16, 16, 0].astype(int)
        assert abs(seen - levels(episode, 8)).max() <= 6


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_a_timestamp_that_is_no_time_is_damaged(write, value):
    root = write("v3.0", lengths=(8, 8, 8))
    rewrite(root, f"{TOP}/from_timestamp", [0.0, value, 1.6])
    with pytest.raises(DamagedError, match="not a time in seconds"):
        dataset().videos(root, "train")


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("action", [[0.1, 0.2], None, [0.3, 0.4]], r"episode 0: .*action .*None"),
        ("action", [[0.1, 0.2], [0.1, None], [0.3, 0.4]], r"action .*at \[1, 1\]"),
        ("action", [[0.1, 0.2], [0.1, float("nan")], [0.3, 0.4]], r"action .*nan at \[1, 1\]"),
        ("action", [[0.1, 0.2, 0.3]] * 3, r"action .*\[3, 3\].* float64 \[3, 2\]"),
        ("next.reward", [1.0, float("nan"), 1.0], r"next.reward .*nan at \[1\]"),
        ("next.reward", [1.0, None, 1.0], r"next.reward .*None at \[1\]"),
    ],
)
def test_values_that_are_none_are_named(write, column, values, message):
    root = write("v3.0", lengths=(3,))
    rewrite(root, column, values, ROWS)
    with pytest.raises(DamagedError, match=message):
        list(EpisodeReader(root, size=32))


def test_an_episode_that_is_listed_twice_is_named(write):
    root = write("v2.1")
    path = root / "meta" / "episodes.jsonl"
    path.write_text(path.read_text() + '{"episode_index": 1, "tasks": ["x"], "length": 7}\n')
    with pytest.raises(DamagedError, match="episode 1 twice, of 5 and 7 frames"):
        dataset().videos(root, "train")


def test_a_rate_below_that_of_the_file_leaves_no_frames_out(write):
    root = write("v3.0")
    video = dataset().videos(root, "train")[0]
    with pytest.raises(DamagedError, match="two of its frames are number 0 at 5 frames a second"):
        decode_stretch(video.path, 16, 5, 0, 3)


@pytest.mark.parametrize("number", [10**30, -1])
def test_numbers_beyond_any_episode_are_damaged(write, number):
    root = write("v2.0")
    row = {"episode_index": number, "tasks": ["x"], "length": 3}
    (root / "meta" / "episodes.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(DamagedError):
        dataset().videos(root, "train")


def test_tasks_of_a_wrong_type_are_damaged(write):
    root = write("v2.0")
    (root / "meta" / "tasks.jsonl").write_text('{"task_index": [1], "task": "x"}\n')
    with pytest.raises(DamagedError, match=r"episodes of .* are damaged"):
        dataset().videos(root, "train")
