"""What is stored comes back: all of it or any window, and damage is noticed."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image

from wmframe.data.shards.jpeg import decode_jpeg, encode_jpeg
from wmframe.data.shards.payload import HEAD, STRIP, _copy, decode, encode, fill_window
from wmframe.errors import DamagedError

KINDS = ("strip", "npy")


def waves(frames, size=32):
    t, y, x, c = np.ogrid[:frames, :size, :size, :3]
    wave = np.sin(0.2 * x + 0.3 * t + 0.3 * c) * np.cos(0.15 * y - 0.1 * t)
    return (127.5 + 120 * wave).astype(np.uint8)


def window(payload, kind, frames, start, length):
    out_THWC = np.empty((length, 32, 32, 3), np.uint8)
    fill_window(out_THWC, start, kind, frames, len(payload), partial(_copy, payload))
    return out_THWC


def test_npy_is_exact():
    clip_THWC = waves(11)
    assert np.array_equal(decode(encode(clip_THWC, "npy"), "npy"), clip_THWC)


@pytest.mark.parametrize("frames", [1, STRIP - 1, STRIP, STRIP + 1, 45])
def test_strips_are_close_whatever_the_length(frames):
    clip_THWC = waves(frames)
    back_THWC = decode(encode(clip_THWC, "strip"), "strip")
    assert back_THWC.shape == clip_THWC.shape
    assert np.abs(back_THWC.astype(int) - clip_THWC).mean() < 4


def test_a_strip_is_a_quarter_of_the_array_or_less():
    clip_THWC = waves(45, 64)
    assert len(encode(clip_THWC, "strip")) < len(encode(clip_THWC, "npy")) / 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [1, 7, 8, 9, 21])
def test_any_window_equals_that_part_of_the_whole(kind, length):
    payload = encode(waves(21), kind)
    whole_THWC = decode(payload, kind)
    for start in range(21 - length + 1):
        part_THWC = window(payload, kind, 21, start, length)
        assert np.array_equal(part_THWC, whole_THWC[start : start + length])


def test_a_window_reads_no_more_than_its_strips():
    payload, read = encode(waves(400), "strip"), []

    def read_into(buffer, offset):
        read.append(len(buffer))
        _copy(payload, buffer, offset)

    fill_window(np.empty((25, 32, 32, 3), np.uint8), 200, "strip", 400, len(payload), read_into)
    assert sum(read) < len(payload) / 10


def test_other_readers_of_jpeg_see_the_same_pictures():
    picture_HWC = waves(8).reshape(-1, 32, 3)
    data = encode_jpeg(picture_HWC)
    theirs_HWC = np.asarray(Image.open(io.BytesIO(data)))
    ours_HWC = decode_jpeg(data, *picture_HWC.shape[:2])
    assert np.abs(theirs_HWC.astype(int) - ours_HWC).mean() < 2


def test_frames_do_not_bleed_into_their_neighbors():
    """A strip's pictures are whole JPEG blocks high, up to the colour's interpolation."""
    clip_THWC = np.zeros((STRIP, 32, 32, 3), np.uint8)
    clip_THWC[::2] = 255
    back_THWC = decode(encode(clip_THWC, "strip"), "strip").astype(int)
    assert np.abs(back_THWC - clip_THWC).max() <= 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: b"junk" * 100, id="junk"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut"),
        pytest.param(lambda data: data[: HEAD.size + 2], id="cut in the head"),
    ],
)
def test_damage_is_noticed(kind, damage):
    with pytest.raises(DamagedError):
        decode(damage(encode(waves(30), kind)), kind)


def test_a_table_out_of_order_is_damage():
    payload = bytearray(encode(waves(30), "strip"))
    payload[HEAD.size : HEAD.size + 4] = (2**31).to_bytes(4, "little")
    with pytest.raises(DamagedError):
        decode(bytes(payload), "strip")


def test_a_picture_of_another_size_is_damage():
    with pytest.raises(DamagedError, match="32x32 pixels, not 64x32"):
        decode_jpeg(encode_jpeg(waves(1)[0]), 64, 32)
