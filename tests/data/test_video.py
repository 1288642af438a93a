"""Clips survive being written as MP4, whatever their size and channels."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from wmframe.data.video import enlarge, evenly, sample_frames, strip, to_rgb, write_mp4, write_png


def gradient(frames, height=16, width=24, channels=3):
    levels = np.linspace(20, 230, frames).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (frames, height, width, channels)).copy()


def test_an_mp4_plays_the_same_pictures_at_the_same_speed(tmp_path):
    clip_THWC = gradient(12)
    write_mp4(tmp_path / "new" / "clip.mp4", clip_THWC, fps=5)
    with av.open(str(tmp_path / "new" / "clip.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.average_rate, stream.frames) == (5, 12)
    back_THWC = sample_frames(tmp_path / "new" / "clip.mp4", 12)
    assert back_THWC.shape == (12, 64, 96, 3)
    assert np.abs(back_THWC[:, ::4, ::4].astype(int) - clip_THWC).max() <= 6


def test_no_partial_file_is_left(tmp_path):
    write_mp4(tmp_path / "clip.mp4", gradient(2))
    write_png(tmp_path / "image.png", gradient(1)[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "image.png"]


@pytest.mark.parametrize("size", [(7, 9), (63, 64), (1, 1), (300, 301)])
def test_odd_sizes_can_be_encoded(tmp_path, size):
    write_mp4(tmp_path / "clip.mp4", gradient(2, *size))
    _, height, width, _ = sample_frames(tmp_path / "clip.mp4", 1).shape
    assert height % 2 == width % 2 == 0
    assert height >= size[0]


@pytest.mark.parametrize(
    ("size", "enlarged"),
    [((64, 64), (256, 256)), ((192, 384), (384, 768)), ((480, 640), (480, 640))],
)
def test_small_frames_are_enlarged_and_large_ones_are_left_alone(size, enlarged):
    assert enlarge(gradient(1, *size), zoom=4).shape[1:3] == enlarged


def test_any_number_of_channels_becomes_a_picture():
    frames = np.arange(2 * 2 * 2 * 12, dtype=np.uint8).reshape(2, 2, 2, 12)
    assert np.array_equal(to_rgb(frames[..., :3]), frames[..., :3])
    assert np.array_equal(to_rgb(frames[..., :1]), frames[..., [0, 0, 0]])
    assert np.array_equal(to_rgb(frames[..., :4]), frames[..., [3, 3, 3]])  # the latest of a stack
    cameras = to_rgb(frames[..., :6])
    assert cameras.shape == (2, 2, 4, 3)
    assert np.array_equal(cameras[..., 2:, :], frames[..., 3:6])


def test_sampled_frames_hold_both_ends():
    assert evenly(100, 4) == {0, 33, 66, 99}
    assert evenly(2, 8) == {0, 1}
    assert evenly(5, 1) == {0}


def test_a_strip_puts_frames_beside_one_another(tmp_path):
    image = strip(gradient(3, 4, 5), gap=2)
    assert image.shape == (4, 3 * 5 + 2 * 2, 3)
    assert (image[:, 5:7] == 255).all()
    assert (image[:, -5:] == 230).all()
    write_png(tmp_path / "strip.png", image)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "strip.png")), image)
