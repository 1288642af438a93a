"""Shards in place: random access, damage by name, and other readers of the same files."""

from __future__ import annotations

import pickle
import shutil
import tarfile
import warnings
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from wmframe.bench.videos import ArrayVideos, write_videos
from wmframe.data.shards import ShardSet, pack, webdataset_decoder
from wmframe.data.shards.dataset import Shards
from wmframe.data.shards.summary import faults, split_folders, summarize
from wmframe.errors import DamagedError, MissingError

KINDS = ("strip", "npy")


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Folders of shards by kind of payload; copy them before changing them."""
    root = tmp_path_factory.mktemp("shards")
    write_videos(root / "raw" / "train", [12, 30, 9, 25, 17, 40])
    for kind in KINDS:
        pack(
            ArrayVideos(),
            root / "raw",
            root / kind,
            size=16,
            payload=kind,
            shard_mb=0.01,
            processes=0,
        )
    return root


@pytest.fixture(params=KINDS)
def folder(request, originals, tmp_path):
    shutil.copytree(originals / request.param, tmp_path / "shards")
    return tmp_path / "shards" / "train"


def test_windows_are_read_where_they_lie(folder):
    clips = ShardSet(folder)
    assert (clips.dataset, clips.size) == ("arrays", 16)
    assert clips.frames.tolist() == [12, 30, 9, 25, 17, 40]
    for index, length in enumerate(clips.frames):
        whole_THWC = clips.read(index)
        assert whole_THWC.shape == (length, 16, 16, 3)
        assert np.array_equal(clips.read(index, 3, 5), whole_THWC[3:8])
    with pytest.raises(IndexError):
        clips.read(0, 10, 5)


def test_offsets_are_those_of_the_tar_file(folder):
    clips = ShardSet(folder)
    for index, clip in enumerate(clips.clips):
        with tarfile.open(clips.path_of(index)) as tar:
            (name,) = [
                n for n in tar.getnames() if n.startswith(f"{clip.key}.") and "json" not in n
            ]
            assert tar.extractfile(name).read() == clips.payload(index)
            assert tar.getmember(name).offset_data == clip.offset


@pytest.fixture
def server(folder):
    """Serves the shards' folder, and says where."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("remote", (False, True))
def test_webdataset_streams_the_same_shards(folder, server, remote, monkeypatch):
    webdataset = pytest.importorskip("webdataset")
    if remote and shutil.which("curl") is None:
        pytest.skip("webdataset reads from servers by curl")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    clips = ShardSet(folder)
    urls = [f"{server}/{path.name}" if remote else f"file:{path}" for path in clips.paths]
    samples = list(webdataset.WebDataset(urls, shardshuffle=False).decode(webdataset_decoder))
    assert [sample["__key__"] for sample in samples] == [clip.key for clip in clips.clips]
    for index, sample in enumerate(samples):
        frames = sample.get("jstrip", sample.get("npy"))
        assert np.array_equal(frames, clips.read(index))
        assert sample["json"]["frames"] == len(frames)


def cut(folder):
    path = folder / "000001.tar"
    path.write_bytes(path.read_bytes()[:-3000])


def remove(folder):
    (folder / "000001.tar").unlink()


def spoil_index(folder):
    (folder / "000001.json").write_text('{"format": 1}')


def later_format(folder):
    path = folder / "000001.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))


@pytest.mark.parametrize("damage", [cut, remove, spoil_index, later_format])
def test_a_damaged_shard_is_named_and_refused_or_skipped(folder, damage):
    before = ShardSet(folder)
    lost = sum("000001" in before.path_of(i).name for i in range(len(before)))
    damage(folder)
    with pytest.raises(DamagedError, match="000001"):
        ShardSet(folder)
    with pytest.warns(UserWarning, match="000001"):
        clips = ShardSet(folder, damaged="skip")
    assert len(clips) == len(before) - lost
    assert len(clips.skipped) == 1
    kept = {clip.key for clip in clips.clips}
    first = [i for i in range(len(before)) if before.clips[i].key in kept]
    assert all(np.array_equal(clips.read(n), before.read(i)) for n, i in enumerate(first))


def test_a_set_without_one_good_shard_is_refused_in_any_case(folder):
    for path in folder.glob("*.tar"):
        path.unlink()
    with warnings.catch_warnings(), pytest.raises(MissingError, match="no usable shards"):
        warnings.simplefilter("ignore")
        ShardSet(folder, damaged="skip")
    with pytest.raises(MissingError, match="holds no shards"):
        ShardSet(folder / "elsewhere")


def spoil(clips, index):
    """Overwrite a clip's payload."""
    clip = clips.clips[index]
    with clips.path_of(index).open("r+b") as file:
        file.seek(clip.offset)
        file.write(bytes(clip.bytes))


def test_verify_names_each_damaged_clip_and_no_other(folder):
    clips = ShardSet(folder)
    assert list(faults(clips, 2)) == []
    spoil(clips, 2)
    spoil(clips, 4)
    assert [index for index, _ in faults(clips, 2)] == [2, 4]


def test_a_damaged_clip_is_named_with_its_shard(originals, tmp_path):
    shutil.copytree(originals / "strip" / "train", tmp_path / "train")
    clips = ShardSet(tmp_path / "train")
    spoil(clips, 2)
    with pytest.raises(DamagedError, match=rf"{clips.path_of(2)}: clip wave_0002 is damaged"):
        clips.read(2)
    assert len(clips.read(1)) == 30


def test_a_summary_counts_what_is_there(folder):
    found = summarize(ShardSet(folder))
    assert (found.videos, found.frames, found.size) == (6, 133, 16)
    assert found.lengths[0] == 9
    assert found.lengths[-1] == 40
    assert found.labels == {"wave": 6}
    assert split_folders(folder.parent) == split_folders(folder) == [folder]


def test_the_fingerprint_tells_contents_apart_and_not_places(originals, tmp_path):
    shutil.copytree(originals / "npy", tmp_path / "copy")
    original, strips = (
        ShardSet(originals / "npy" / "train"),
        ShardSet(originals / "strip" / "train"),
    )
    assert ShardSet(tmp_path / "copy" / "train").fingerprint() == original.fingerprint()
    assert strips.fingerprint() != original.fingerprint()


def test_shards_are_a_dataset_that_can_be_packed_again(originals, tmp_path):
    shards = pickle.loads(pickle.dumps(Shards(str(originals / "npy"))))
    clips = ShardSet(shards.shards("train"))
    pack(shards, originals / "npy", tmp_path / "half", size=8, payload="npy", processes=0)
    halved = ShardSet(tmp_path / "half" / "train")
    assert halved.frames.tolist() == clips.frames.tolist()
    assert [clip.key for clip in halved.clips] == [clip.key for clip in clips.clips]
    mean = clips.read(1).reshape(30, 8, 2, 8, 2, 3).mean((2, 4))
    assert np.abs(halved.read(1) - mean).mean() < 4


def test_a_dataset_says_what_to_type_when_its_shards_are_not_there(tmp_path):
    with pytest.raises(MissingError, match="wmframe videos pack arrays"):
        ArrayVideos().shards("train")
    with pytest.raises(MissingError, match="val is not there"):
        ArrayVideos(str(tmp_path)).shards("val")
