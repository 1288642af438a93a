"""Videos are decoded as a player shows them: turned, mirrored, and of all that they hold."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest
from PIL import Image

from wmframe.data.decoding import decode_video
from wmframe.errors import DamagedError

ONE = 1 << 16

SHOWN = {
    (ONE, 0, 0, ONE): (0, 0),
    (0, ONE, -ONE, 0): (0, 1),  # a phone held upright
    (-ONE, 0, 0, -ONE): (1, 1),
    (0, -ONE, ONE, 0): (1, 0),
    (-ONE, 0, 0, ONE): (0, 1),  # mirrored, as by a front camera
    (ONE, 0, 0, -ONE): (1, 0),
    (0, ONE, ONE, 0): (0, 0),
    (0, -ONE, -ONE, 0): (1, 1),
}
"""Where the coded top left is shown, by the matrix (a, b, c, d): row, column."""


def film(path, form="yuv420p", codec="libx264", pixels=None, options=None, trc=None):
    if pixels is None:
        pixels = np.full((64, 128, 3), 40, np.uint8)
        pixels[:32, :64] = 250, 0, 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10, options=options or {})
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt = form
        if trc is not None:
            stream.codec_context.color_trc = trc
        for _ in range(4):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            container.mux(stream.encode(frame.reformat(format=form)))
        container.mux(stream.encode())


def turn(path, a, b, c, d):
    """Write a display matrix into the track header of an MP4 file."""
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd") + 8 + 20 + 16
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


@pytest.mark.parametrize("matrix", SHOWN, ids=str)
def test_display_matrices_are_followed(tmp_path, matrix):
    film(tmp_path / "p.mp4")
    turn(tmp_path / "p.mp4", *matrix)
    frames_THWC = decode_video(tmp_path / "p.mp4", 64)
    assert frames_THWC.shape == (4, 64, 64, 3)
    for frame_HWC in frames_THWC:
        red = {(y, x): frame_HWC[8 + 48 * y, 8 + 48 * x, 0] for y in (0, 1) for x in (0, 1)}
        assert max(red, key=red.get) == SHOWN[matrix]


def test_other_turns_are_refused(tmp_path):
    film(tmp_path / "p.mp4")
    half = int(ONE * 0.7071)
    turn(tmp_path / "p.mp4", half, half, -half, half)
    with pytest.raises(DamagedError, match="no quarter turn"):
        decode_video(tmp_path / "p.mp4", 64)


def test_ten_bits_are_scaled_to_eight(tmp_path):
    pixels_HWC = np.full((64, 64, 3), 128, np.uint8)
    film(tmp_path / "deep.mkv", "yuv420p10le", "libx265", pixels_HWC, {"x265-params": "lossless=1"})
    assert np.abs(decode_video(tmp_path / "deep.mkv", 64).astype(int) - 128).max() <= 2


def test_every_frame_of_a_gif_is_kept(tmp_path):
    frames = [Image.new("RGB", (8, 8), (60 * level, 0, 0)) for level in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    levels = decode_video(tmp_path / "a.gif", 8)[:, 4, 4, 0].astype(int)
    assert np.abs(levels - [0, 60, 120, 180]).max() <= 2


def test_transparent_frames_are_refused(tmp_path):
    frames = [Image.new("RGBA", (8, 8), (200, 0, 0, 0)) for _ in range(2)]
    frames[1].putpixel((3, 3), (0, 200, 0, 255))
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(DamagedError, match="transparent"):
        decode_video(tmp_path / "a.gif", 8)


def tone(path, rate=8000):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4000), np.float32), "fltp", "mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_a_file_of_sound_alone_is_named(tmp_path):
    tone(tmp_path / "song.mp4")
    with pytest.raises(DamagedError, match="no video, only audio"):
        decode_video(tmp_path / "song.mp4", 8)


def test_two_videos_in_one_file_are_refused(tmp_path):
    with av.open(str(tmp_path / "two.mkv"), "w") as container:
        streams = [container.add_stream("libx264", rate=10) for _ in range(2)]
        for stream in streams:
            stream.height = stream.width = 16
            stream.pix_fmt = "yuv420p"
        pixels_HWC = np.zeros((16, 16, 3), np.uint8)
        for stream in streams:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels_HWC, format="rgb24")))
            container.mux(stream.encode())
    with pytest.raises(DamagedError, match="2 videos"):
        decode_video(tmp_path / "two.mkv", 8)


@pytest.mark.parametrize(("trc", "name"), [(16, "PQ"), (18, "HLG")])
def test_a_higher_range_of_brightness_is_refused(tmp_path, trc, name):
    film(tmp_path / "hdr.mkv", "yuv420p10le", "libx265", trc=trc)
    with pytest.raises(DamagedError, match=name) as error:
        decode_video(tmp_path / "hdr.mkv", 64)
    assert "tonemap" in error.value.hint


def test_alpha_that_the_decoder_passes_over_is_refused(tmp_path):
    film(tmp_path / "a.webm", "yuva420p", "libvpx-vp9")
    with pytest.raises(DamagedError, match="alpha channel"):
        decode_video(tmp_path / "a.webm", 64)


@pytest.mark.parametrize("form", ["gray16le", "gbrp12le", "yuv444p12le"])
def test_deep_colours_of_odd_sizes_are_scaled(tmp_path, form):
    film(tmp_path / "deep.mkv", form, "ffv1", np.full((7, 9, 3), 128, np.uint8))
    assert np.abs(decode_video(tmp_path / "deep.mkv", 64).astype(int) - 128).max() <= 2
