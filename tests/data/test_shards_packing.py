"""Packing: every good video, in order, whatever dies on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from wmframe.bench.videos import ArrayVideos, write_videos
from wmframe.data.shards import ShardSet, pack
from wmframe.errors import DamagedError, MissingError, PluginError, UsageError
from wmframe.interfaces.dataset import RawVideo

SMALL = 0.01
"""MiB a shard: three of the videos here."""


@pytest.fixture
def raw(tmp_path):
    write_videos(tmp_path / "raw" / "train", [5 + n for n in range(10)])
    return tmp_path / "raw"


def packed(raw, out, **options):
    options = {"processes": 0, "shard_mb": SMALL, "payload": "npy", **options}
    return pack(ArrayVideos(), raw, out, **options)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("0*")}


def test_every_video_is_there_in_order_with_its_label(raw, tmp_path):
    report = packed(raw, tmp_path / "out", size=16)
    clips = ShardSet(tmp_path / "out" / "train")
    assert [clip.key for clip in clips.clips] == [f"wave_{n:04d}" for n in range(10)]
    assert {clip.label for clip in clips.clips} == {"wave"}
    for index, path in enumerate(sorted((raw / "train").iterdir())):
        assert np.array_equal(clips.read(index), np.load(path))
    assert report.counts["videos"] == report.counts["added"] == 10
    assert report.counts["frames"] == sum(range(5, 15))
    assert report.counts["shards"] == len(clips.paths) > 3
    assert report.bad == {}


@pytest.mark.parametrize("processes", [1, 3])
def test_the_shards_do_not_depend_on_the_number_of_processes(raw, tmp_path, processes):
    packed(raw, tmp_path / "one", size=16)
    packed(raw, tmp_path / "many", size=16, processes=processes)
    assert contents(tmp_path / "one" / "train") == contents(tmp_path / "many" / "train")


@pytest.mark.parametrize("processes", [0, 2])
def test_bad_videos_are_named_and_the_rest_is_packed(raw, tmp_path, processes):
    (raw / "train" / "wave_0003.npy").write_bytes(b"junk")
    np.save(raw / "train" / "wave_0007.npy", np.zeros((0, 16, 16, 3), np.uint8))
    np.save(raw / "train" / "wave_0008.npy", np.zeros((9, 4, 4, 3), np.uint8))
    steps = []
    report = packed(raw, tmp_path / "out", size=16, processes=processes, progress=steps.append)
    assert list(report.bad) == [f"wave_000{n}" for n in (3, 7, 8)]
    assert report.bad["wave_0007"] == "train/wave_0007.npy: it has no frames"
    assert (report.counts["videos"], report.counts["added"]) == (7, 7)
    assert [step.done for step in steps] == list(range(1, 11))
    assert [step.video.key for step in steps if step.problem] == [
        "wave_0003",
        "wave_0007",
        "wave_0008",
    ]


def test_bad_videos_are_tried_again_and_new_ones_added(raw, tmp_path):
    good = (raw / "train" / "wave_0003.npy").read_bytes()
    (raw / "train" / "wave_0003.npy").write_bytes(b"junk")
    packed(raw, tmp_path / "out", size=16)
    before = contents(tmp_path / "out" / "train")
    (raw / "train" / "wave_0003.npy").write_bytes(good)
    report = packed(raw, tmp_path / "out", size=16)
    assert (report.counts["videos"], report.counts["added"], report.bad) == (10, 1, {})
    after = contents(tmp_path / "out" / "train")
    assert {name: after[name] for name in before} == before


def test_a_complete_folder_is_left_alone(raw, tmp_path):
    packed(raw, tmp_path / "out", size=16)
    before = contents(tmp_path / "out" / "train")
    assert packed(raw, tmp_path / "out", size=16).counts["added"] == 0
    assert contents(tmp_path / "out" / "train") == before


SCRIPT = """
import sys
from pathlib import Path
from wmframe.data.shards import pack
from wmframe.bench.videos import ArrayVideos

pack(ArrayVideos(), Path(sys.argv[1]), Path(sys.argv[2]), size=16, payload="npy", shard_mb=0.01,
     processes=1, progress=lambda step: print(step.done, flush=True))
"""


@pytest.mark.parametrize("videos", [1, 5, 8])
def test_packing_that_was_killed_goes_on_to_the_same_shards(raw, tmp_path, videos):
    command = [sys.executable, "-c", SCRIPT, str(raw), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        for line in killed.stdout:
            if int(line) == videos:
                killed.send_signal(signal.SIGKILL)
                break
    with pytest.raises(MissingError, match="was not finished"):
        ShardSet(tmp_path / "out" / "train")
    report = packed(raw, tmp_path / "out", size=16)
    assert report.counts["videos"] == 10
    assert report.counts["added"] > 10 - videos - 4  # what was in complete shards is not redone
    packed(raw, tmp_path / "unbroken", size=16)
    assert contents(tmp_path / "out" / "train") == contents(tmp_path / "unbroken" / "train")


def test_workers_end_when_the_process_that_packs_is_killed(raw, tmp_path):
    command = [sys.executable, "-c", SCRIPT, str(raw), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        killed.stdout.readline()
        workers = children(killed.pid)
        killed.kill()
    assert workers
    deadline = time.monotonic() + 20
    while any(map(runs, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(runs, workers))


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:  # noqa: PTH123
        return [int(word) for word in file.read().split()]


def runs(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


FATAL = """
import os
from wmframe.bench.videos import ArrayVideos

class Fatal(ArrayVideos):
    def decode(self, video, size):
        if video.key in ("wave_0002", "wave_0006"):
            os._exit(11)
        return super().decode(video, size)
"""


def test_a_file_that_kills_its_decoder_is_bad_and_no_other(raw, tmp_path, monkeypatch):
    (tmp_path / "fatal_videos.py").write_text(FATAL)
    monkeypatch.syspath_prepend(str(tmp_path))
    from fatal_videos import Fatal

    report = pack(Fatal(), raw, tmp_path / "out", size=16, processes=2)
    assert list(report.bad) == ["wave_0002", "wave_0006"]
    assert "died" in report.bad["wave_0002"]
    assert report.counts["videos"] == 8


@pytest.mark.parametrize("change", [{"payload": "strip"}, {"size": 8}])
def test_a_folder_packed_otherwise_is_refused(raw, tmp_path, change):
    packed(raw, tmp_path / "out", size=16)
    with pytest.raises(UsageError, match="was packed with"):
        packed(raw, tmp_path / "out", **{"size": 16, **change})


class Chosen(ArrayVideos):
    """Has settings: one that says which videos, and where its shards are."""

    def __init__(self, labels=(), path=""):
        super().__init__(path)
        self.labels = labels
        self._cache = object()


def test_shards_are_not_added_to_with_other_settings(raw, tmp_path):
    options = {"size": 16, "processes": 0}
    pack(Chosen(("wave",)), raw, tmp_path / "out", **options)
    assert (
        pack(Chosen(["wave"], "elsewhere"), raw, tmp_path / "out", **options).counts["added"] == 0
    )
    message = r'train was packed with --set labels=\["wave"\], not with --set labels=\[\]'
    with pytest.raises(UsageError, match=message) as caught:
        pack(Chosen(), raw, tmp_path / "out", **options)
    assert "--out" in caught.value.hint
    assert len(ShardSet(tmp_path / "out" / "train")) == 10


def test_shards_of_an_older_version_are_added_to(raw, tmp_path):
    packed(raw, tmp_path / "out", size=16)
    path = tmp_path / "out" / "train" / "manifest.json"
    old = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in old.items() if k not in ("settings", "expected")}))
    assert pack(Chosen(), raw, tmp_path / "out", size=16, payload="npy").counts["added"] == 0
    assert json.loads(path.read_text())["settings"] == {"labels": []}


def test_shards_that_were_copied_without_their_manifest_are_compared_too(raw, tmp_path):
    packed(raw, tmp_path / "out", size=16)
    (tmp_path / "out" / "train" / "manifest.json").unlink()
    with pytest.raises(UsageError, match=r"was packed with --size=16, not with --size=8"):
        packed(raw, tmp_path / "out", size=8)
    assert packed(raw, tmp_path / "out", size=16).counts["added"] == 0


def test_the_hint_of_a_bad_file_is_kept(raw, tmp_path):
    class Hinting(ArrayVideos):
        def decode(self, video, size):
            if video.key == "wave_0002":
                raise DamagedError("it is a placeholder", "run git lfs pull")
            return super().decode(video, size)

    steps = []
    report = pack(Hinting(), raw, tmp_path / "out", size=16, processes=0, progress=steps.append)
    assert report.bad == {"wave_0002": "train/wave_0002.npy: it is a placeholder; run git lfs pull"}
    assert [step.hint for step in steps if step.problem] == ["run git lfs pull"]


def test_a_split_without_videos_is_missing(raw, tmp_path):
    with pytest.raises(MissingError, match="no videos of split val"):
        packed(raw, tmp_path / "out", split="val")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("keys", [("same", "same"), ("a/b", "c"), ("a.b", "c")])
def test_keys_that_cannot_name_files_are_refused(raw, tmp_path, keys):
    class Odd(ArrayVideos):
        def videos(self, root, split):
            return [RawVideo(key, root) for key in keys]

    with pytest.raises(PluginError, match="key"):
        pack(Odd(), raw, tmp_path / "out", processes=0)


def test_a_clip_says_where_it_is_from(raw, tmp_path):
    packed(raw, tmp_path / "out", size=16)
    import tarfile

    with tarfile.open(tmp_path / "out" / "train" / "000000.tar") as tar:
        facts = json.load(tar.extractfile("wave_0000.json"))
    source = raw / "train" / "wave_0000.npy"
    assert facts["source"] == "train/wave_0000.npy"
    assert facts["source_bytes"] == source.stat().st_size
    assert (facts["frames"], facts["size"], facts["label"]) == (5, 16, "wave")
