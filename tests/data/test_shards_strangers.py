"""Shards from strangers: nothing is believed before it is checked against the file itself."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import struct
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from support.mutants import DEEP, json_text, mutate_bytes, mutate_json
from wmframe.bench.videos import ArrayVideos, write_videos
from wmframe.data.arrays import parse_npy, read_npz
from wmframe.data.shards import ClipLoader, ShardSet, pack
from wmframe.data.shards.crew import map_in_order
from wmframe.data.shards.dataset import Shards
from wmframe.data.shards.index import payload_hash
from wmframe.data.shards.jpeg import decode_jpeg, encode_jpeg
from wmframe.data.shards.manifest import Manifest
from wmframe.data.shards.payload import decode, encode
from wmframe.data.shards.summary import faults, summarize
from wmframe.errors import DamagedError, WmframeError

KINDS = ("strip", "npy")


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """Folders of one shard of five clips each, by kind of payload."""
    root = tmp_path_factory.mktemp("shards")
    write_videos(root / "raw" / "train", [12, 30, 9, 25, 17])
    for kind in KINDS:
        pack(ArrayVideos(), root / "raw", root / kind, size=16, payload=kind, processes=0)
    return root


@pytest.fixture(params=KINDS)
def folder(request, packed, tmp_path):
    shutil.copytree(packed / request.param, tmp_path / "shards")
    return tmp_path / "shards" / "train"


@pytest.fixture
def small_allocations():
    """No more than 100 MB are asked for, whatever a file claims."""
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1e8


def rewrite(folder, change):
    """Change the content of the shard's index."""
    path = folder / "000000.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json_text(content))


def put(folder, index, payload):
    """Replace a clip's payload by one that is no longer, and its hash with it."""
    clips = ShardSet(folder)
    clip = clips.clips[index]
    with clips.path_of(index).open("r+b") as file:
        file.seek(clip.offset)
        file.write(payload)

    def change(content):
        content["clips"][index][4] = len(payload)
        content["clips"][index][6] = payload_hash(payload)

    rewrite(folder, change)


PICTURE = np.random.default_rng(0).integers(0, 256, (64, 16, 3), np.uint8)
GOOD = encode_jpeg(PICTURE)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xd8\xff\xd9", id="nothing between begin and end"),
        pytest.param(GOOD[: len(GOOD) // 2], id="cut"),
        pytest.param(GOOD[:30], id="cut in the head"),
        pytest.param(bytes(500), id="zeros"),
        pytest.param(encode_jpeg(PICTURE[:32]), id="another size"),
        pytest.param(GOOD.replace(b"\x00\x40\x00\x10", b"\xff\xff\xff\xff", 1), id="65535 a side"),
        pytest.param(GOOD.replace(b"\x00\x40\x00\x10", b"\x3f\xff\x3f\xff", 1), id="16383 a side"),
    ],
)
def test_a_damaged_picture_spoils_no_good_one(bad):
    before = decode_jpeg(GOOD, 64, 16)
    with pytest.raises(DamagedError):
        decode_jpeg(bad, 64, 16)
    assert np.array_equal(decode_jpeg(GOOD, 64, 16), before)


def test_a_clip_with_an_empty_picture_is_the_only_damaged_one(packed, tmp_path):
    shutil.copytree(packed / "strip", tmp_path / "shards")
    folder = tmp_path / "shards" / "train"
    clips = ShardSet(folder)
    before = [clips.read(i) for i in range(5)]
    payload = bytearray(clips.payload(1))
    payload[20:24] = payload[16:20]  # the second picture begins where the first one does
    put(folder, 1, bytes(payload))
    clips = ShardSet(folder, damaged="skip")
    assert [index for index, _ in faults(clips, 1)] == [1]
    assert all(np.array_equal(clips.read(i), before[i]) for i in (0, 2, 3, 4))
    with ClipLoader([clips], batch=8, length=9, seed=0) as loader:
        for _ in range(4):
            next(loader)
    assert set(loader.damaged) == {next(m for m in loader.damaged if "wave_0001" in m)}


def head(frames, strip, size, pictures=(GOOD,)):
    begins = np.cumsum([16 + 4 * (len(pictures) + 1), *map(len, pictures)]).astype("<u4")
    packed = struct.pack("<4s3I", b"JSTR", frames, strip, size)
    return b"".join([packed, begins.tobytes(), *pictures])


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(head(8, 8, 65536), id="65536 pixels a side"),
        pytest.param(head(2**32 - 1, 2**32 - 1, 16), id="one strip of 2**32 frames"),
        pytest.param(head(2**32 - 1, 8, 16), id="2**32 frames"),
        pytest.param(head(8, 8, 4000), id="no more than a JPEG can have, but not here"),
        pytest.param(head(2**31, 1, 1), id="a table of 2**31 strips"),
    ],
)
@pytest.mark.usefixtures("small_allocations")
def test_a_strip_payload_that_claims_too_much_is_damaged(payload, packed, tmp_path):
    with pytest.raises(DamagedError):
        decode(payload, "strip")
    shutil.copytree(packed / "strip", tmp_path / "shards")
    folder = tmp_path / "shards" / "train"
    put(folder, 3, payload)
    clips = ShardSet(folder, damaged="skip")
    assert [index for index, _ in faults(clips, 1)] == [3]
    with pytest.raises(DamagedError, match="wave_0003"):
        clips.read(3)
    assert len(clips.read(4)) == 17


def npy(header):
    """An npy file with another header and 64 bytes of data."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x02\0" + struct.pack("<I", len(text)) + text + bytes(64)


BAD_ARRAYS = {
    "24 TiB": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (26388279066624,), }"),
    "negative": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, -64), }"),
    "2**200": npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({2**200},), }}"),
    "short": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (63,), }"),
    "objects": npy("{'descr': '|O', 'fortran_order': False, 'shape': (8,), }"),
    "no bytes each": npy("{'descr': '|S0', 'fortran_order': False, 'shape': (8,), }"),
    "no tuple": npy("{'descr': '|u1', 'fortran_order': False, 'shape': 64, }"),
    "floats": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (64.0,), }"),
    "unknown dtype": npy("{'descr': 'spam', 'fortran_order': False, 'shape': (64,), }"),
    "deep": npy("(" * 9000),
    "signs": npy("-" * 9000 + "1"),
    "a header of 4 GiB": b"\x93NUMPY\x02\0\xff\xff\xff\xff{}",
    "a later format": b"\x93NUMPY\x09\0" + bytes(100),
    "nothing": b"",
}


@pytest.mark.parametrize("data", BAD_ARRAYS.values(), ids=BAD_ARRAYS)
@pytest.mark.usefixtures("small_allocations")
def test_an_array_that_is_not_as_its_header_says_is_damaged(data, tmp_path):
    with pytest.raises(DamagedError):
        parse_npy(data)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("image.npy", data)
    with pytest.raises(DamagedError):
        read_npz(tmp_path / "x.npz", "image")


@pytest.mark.parametrize("dtype", ["u1", ">f4", "c8", "?"])
@pytest.mark.parametrize("shape", [(1,), (0,), (3, 5)])
def test_whole_arrays_are_read_as_numpy_reads_them(dtype, shape, tmp_path):
    array = np.ones(shape, dtype)
    np.savez_compressed(tmp_path / "x.npz", image=np.asfortranarray(array), other=1)
    assert np.array_equal(read_npz(tmp_path / "x.npz", "image"), array)
    buffer = io.BytesIO()
    np.save(buffer, array)
    found = parse_npy(buffer.getvalue())
    assert (found.dtype, found.shape) == (array.dtype, shape)
    assert np.array_equal(found, array)


@pytest.mark.usefixtures("small_allocations")
def test_an_archive_that_unpacks_to_gigabytes_is_refused(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("image.npy", encode(np.zeros((1, 8, 8, 3), np.uint8), "npy"))
    data = path.read_bytes()
    size = struct.pack("<I", 64 + 64 + 192)
    assert size in data
    for claimed in (2**31, 2**32 - 2):
        path.write_bytes(data.replace(size, struct.pack("<I", claimed)))
        with pytest.raises(DamagedError, match="claims"):
            read_npz(path, "image")


def test_an_archive_without_the_array_or_with_a_lock_is_damaged(tmp_path):
    np.savez(tmp_path / "x.npz", other=np.ones(3))
    with pytest.raises(DamagedError, match="no 'image'"):
        read_npz(tmp_path / "x.npz", "image")
    np.savez(tmp_path / "y.npz", image=np.ones(3))
    data = bytearray((tmp_path / "y.npz").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1  # encrypted
    (tmp_path / "y.npz").write_bytes(data)
    with pytest.raises(DamagedError, match="encrypted"):
        read_npz(tmp_path / "y.npz", "image")


def set_row(field, value):
    def change(content):
        content["clips"][2][content["fields"].index(field)] = value

    return change


def overlap(content):
    content["clips"][2][3] = content["clips"][1][3]


def twice(content):
    content["clips"][2][0] = content["clips"][1][0]


BAD_INDEXES = {
    **{
        f"{field} {str(value)[:9]}": set_row(field, value)
        for field, values in {
            "key": ("../x", "/x", "a\0b", "", 3, None, "\ud800"),
            "frames": (-1, 0, 2**40, 10**300, "9", 9.0, True, None, [9]),
            "offset": (-1, 2**40, 10**300, None),
            "bytes": (-1, 0, 3, 2**40, 10**300, None),
            "kind": ("pickle", None, 3, []),
            "hash": (None, 3, {}),
            "label": (None, 3, DEEP),
        }.items()
        for value in values
    },
    "overlapping members": overlap,
    "one key twice": twice,
    **{
        f"size {str(value)[:9]}": (lambda content, value=value: content.update(size=value))
        for value in (0, -1, 65536, 2**70, "16", None)
    },
    "no clips": lambda content: content.pop("clips"),
    "clips no array": lambda content: content.update(clips={}),
    "a row too short": lambda content: content["clips"][2].pop(),
    "other fields": lambda content: content["fields"].reverse(),
    "deep": lambda content: content.update(dataset=DEEP),
    "not a number": lambda content: content.update(size=float("nan")),
}


@pytest.mark.parametrize("change", BAD_INDEXES.values(), ids=BAD_INDEXES)
@pytest.mark.usefixtures("small_allocations")
def test_an_index_that_claims_what_cannot_be_is_named(change, folder):
    rewrite(folder, change)
    (folder / "manifest.json").unlink()
    with pytest.raises(DamagedError, match="000000"):
        ShardSet(folder)


def test_an_index_of_another_size_than_the_manifest_is_named(folder):
    rewrite(folder, lambda content: content.update(size=15))
    with pytest.raises(DamagedError, match=r"size 15, .* 16|cannot hold"):
        ShardSet(folder)


def test_shards_of_one_folder_have_one_size(folder):
    other = folder.parent / "other"
    shards = Shards(str(folder.parent))
    pack(shards, folder.parent, other, size=8, payload="npy", processes=0)
    (folder / "manifest.json").unlink()
    for suffix in (".tar", ".json"):
        shutil.copy(other / "train" / f"000000{suffix}", folder / f"000001{suffix}")
    with pytest.raises(DamagedError, match=r"000001\.tar has size 8, .* 16"):
        ShardSet(folder)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "",
        "null",
        "[]",
        "3",
        '{"dataset": 1}',
        "\udcff",
        "NaN",
        "9" * 5000,
        '{"dataset": "a", "dataset": "b"}',
    ],
)
def test_a_manifest_that_is_none_is_one_error(text, folder):
    (folder / "manifest.json").write_text(text, errors="surrogateescape")
    with pytest.raises(DamagedError, match=r"manifest\.json is damaged: .*\n.*delete it"):
        Manifest.load(folder)


def test_a_pipe_in_place_of_an_index_is_not_waited_for(folder):
    (folder / "000000.json").unlink()
    os.mkfifo(folder / "000000.json")
    with pytest.raises(DamagedError, match="no regular file"):
        ShardSet(folder)


def use(folder):
    """Do with a folder of shards what commands and training do."""
    Manifest.load(folder)
    clips = ShardSet(folder, damaged="skip")
    summarize(clips)
    list(faults(clips, 1))
    shards = Shards(str(folder.parent))
    for video in shards.videos(folder.parent, "train"):
        shards.decode(video, 8)
    with ClipLoader([clips], batch=4, length=5, seed=0) as loader:
        next(loader)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.usefixtures("small_allocations")
def test_mutants_give_one_error_or_none(folder, seed):
    draw = random.Random(seed)
    for name in ("000000.json", "manifest.json", "000000.tar"):
        path = folder / name
        content = path.read_bytes()
        for _ in range(4):
            if path.suffix == ".json":
                path.write_text(mutate_json(json.loads(content), draw))
            else:
                path.write_bytes(mutate_bytes(content, draw))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    use(folder)
                except WmframeError as error:
                    assert error.message
        path.write_bytes(content)


DIES = "import os, struct, sys; os.write(int(sys.argv[1]), {}); os._exit(1)"


@pytest.mark.parametrize("part", ["b''", "b'\\0\\0'", "struct.pack('!i', 100) + b'part of it'"])
def test_a_worker_that_dies_within_a_message_is_a_dead_worker(part):
    words = ["pass", DIES.format(part), "pass"]
    found = list(map_in_order(exec, words, 1, lambda word: f"lost {word}"))
    assert found == [None, f"lost {words[1]}", None]
