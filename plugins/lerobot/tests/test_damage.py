"""What is damaged, missing or hostile is named, and nothing outside the folder is touched."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from wmframe.data.shards import ShardSet, pack
from wmframe.errors import DamagedError, MissingError
from wmframe_lerobot.dataset import LeRobot
from wmframe_lerobot.frames import decode_pictures
from wmframe_lerobot.paths import fill


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
    path = root / "meta" / "episodes" / "chunk-000" / "file-000.parquet"
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    at = table.column_names.index("length")
    pq.write_table(table.set_column(at, "length", pa.array([8, 8, 11])), path)
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
