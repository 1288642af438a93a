"""Raw videos become the frames that FFmpeg's scaling and Pillow's would give."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from wmframe.data.decoding import decode_images, decode_video, resize
from wmframe.data.video import write_mp4
from wmframe.errors import DamagedError


def drifting(frames, height=96, width=160):
    t, y, x = np.ogrid[:frames, :height, :width]
    wave = np.sin(x / 20 + t / 3) * np.cos(y / 15)
    return np.repeat((127.5 + 100 * wave).astype(np.uint8)[..., None], 3, axis=-1)


def test_a_video_file_is_squashed_to_a_square_without_cropping(tmp_path):
    clip_THWC = drifting(12)
    write_mp4(tmp_path / "clip.mp4", clip_THWC, zoom=1)
    frames_THWC = decode_video(tmp_path / "clip.mp4", 64)
    assert frames_THWC.shape == (12, 64, 64, 3)
    wanted = np.stack([resize(frame_HWC, 64) for frame_HWC in clip_THWC])
    assert np.abs(frames_THWC.astype(int) - wanted).mean() < 2


def test_images_are_frames_in_the_order_given(tmp_path):
    clip_THWC = drifting(4)
    paths = [tmp_path / f"{t}.png" for t in range(4)]
    for path, frame_HWC in zip(paths, clip_THWC, strict=True):
        Image.fromarray(frame_HWC).save(path)
    frames_THWC = decode_images(paths[::-1], 64)
    wanted = np.stack([resize(frame_HWC, 64) for frame_HWC in clip_THWC[::-1]])
    assert np.array_equal(frames_THWC, wanted)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA"])
def test_images_of_any_mode_become_rgb(tmp_path, mode):
    Image.fromarray(drifting(1)[0]).convert(mode).save(tmp_path / "one.png")
    assert decode_images([tmp_path / "one.png"], 32).shape == (1, 32, 32, 3)


def test_shrinking_averages_what_it_leaves_out():
    stripes_HWC = np.zeros((64, 64, 3), np.uint8)
    stripes_HWC[:, ::2] = 255
    assert np.abs(resize(stripes_HWC, 16).astype(int)[:, 1:-1] - 127.5).max() < 10


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\nbroken"])
def test_files_that_cannot_be_read_are_damaged(tmp_path, content):
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(DamagedError):
        decode_video(tmp_path / "bad", 64)
    with pytest.raises(DamagedError, match="bad cannot be decoded"):
        decode_images([tmp_path / "bad"], 64)


def test_a_cut_image_is_damaged(tmp_path):
    Image.fromarray(drifting(1)[0]).save(tmp_path / "one.jpg")
    content = (tmp_path / "one.jpg").read_bytes()
    (tmp_path / "one.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(DamagedError, match="truncated"):
        decode_images([tmp_path / "one.jpg"], 64)


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp4", "libx264"), ("webm", "libvpx"), ("mkv", "mjpeg")]
)
def test_a_video_file_that_was_cut_is_damaged(tmp_path, suffix, codec):
    path = tmp_path / f"clip.{suffix}"
    write_film(path, codec, drifting(40))
    assert len(decode_video(path, 16)) == 40
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 5])
    with pytest.raises(DamagedError, match=r"cut: it ends after [1-3]\.\d of 4\.0 s|FFmpeg cannot"):
        decode_video(path, 16)


def test_pictures_that_end_before_the_sound_are_whole(tmp_path):
    path = tmp_path / "clip.mkv"
    write_film(path, "mjpeg", drifting(10), seconds_of_sound=3)
    assert len(decode_video(path, 16)) == 10


def test_a_picture_that_is_shown_for_long_is_no_cut(tmp_path):
    path = tmp_path / "slow.mp4"
    write_film(path, "libx264", drifting(3), rate=Fraction(1, 4))
    assert len(decode_video(path, 16)) == 3


def test_only_the_format_that_is_named_is_tried(tmp_path):
    write_film(tmp_path / "clip.mp4", "libx264", drifting(3))
    assert len(decode_video(tmp_path / "clip.mp4", 16, format="mp4")) == 3
    with pytest.raises(DamagedError, match="FFmpeg"):
        decode_video(tmp_path / "clip.mp4", 16, format="hls")


def write_film(path, codec, clip_THWC, rate=10, seconds_of_sound=0):
    options = {"movflags": "faststart"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = clip_THWC.shape[1:3]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if seconds_of_sound:
            sound = container.add_stream("pcm_s16le", rate=8000)
            silence = np.zeros((1, 8000 * seconds_of_sound), np.int16)
            frame = av.AudioFrame.from_ndarray(silence, "s16", "mono")
            frame.sample_rate = 8000
            container.mux(sound.encode(frame))
        for frame_HWC in clip_THWC:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame_HWC, format="rgb24")))
        container.mux(stream.encode())


def test_a_sound_file_and_nothing_at_all_are_damaged(tmp_path):
    with av.open(str(tmp_path / "sound.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
    with pytest.raises(DamagedError):
        decode_video(tmp_path / "sound.wav", 64)
    with pytest.raises(DamagedError, match="no images"):
        decode_images([], 64)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads in /proc")
def test_decoding_leaves_no_threads_behind(tmp_path):
    write_mp4(tmp_path / "a.mp4", np.zeros((8, 32, 32, 3), np.uint8))
    decode_video(tmp_path / "a.mp4", 16)
    before = len(list(Path("/proc/self/task").iterdir()))
    for _ in range(3):
        decode_video(tmp_path / "a.mp4", 16)
    assert len(list(Path("/proc/self/task").iterdir())) <= before
