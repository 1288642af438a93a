"""The square around a person is where it was worked out by hand to be."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from wmframe.errors import DamagedError
from wmframe_human36m.crops import Box, crop_box, read_crop


def corners(left, top, right, bottom):
    return np.array([[left, bottom], [(left + right) / 2, top], [right, (top + bottom) / 2]])


@pytest.mark.parametrize(
    ("joints", "box"),
    [
        # 100 x 300: side 500 around (450, 450)
        (corners(400, 300, 500, 600), (200, 200, 700, 700)),
        # rounded outwards to 400..501, 300..600: side 500 around (450.5, 450), cut to whole pixels
        (corners(400.2, 300.9, 500.1, 599.5), (200, 200, 700, 700)),
        # 250 x 140: side 450 around (825, 920) is 600..1050, 695..1145; back inside by 50 and 145
        (corners(700, 850, 950, 990), (550, 550, 1000, 1000)),
        # 80 x 300: side 500 around (50, 650) is -200..300, 400..900; back inside by 200
        (corners(10, 500, 90, 800), (0, 400, 500, 900)),
        # 81 x 300: around (50.5, 650) is -199.5..300.5; towards zero that is -199..300, one less
        (corners(10, 500, 91, 800), (0, 400, 499, 900)),
        # 900 x 100: no wider than the frame
        (corners(50, 400, 950, 500), (0, 0, 1000, 1000)),
        # somebody half outside: 60..1060 x 200..800 is 1000 wide, so it is the whole frame
        (corners(60, 200, 1060, 800), (0, 0, 1000, 1000)),
    ],
)
def test_the_square_is_the_joints_box_and_200_pixels_inside_the_frame(joints, box):
    assert crop_box(joints) == box


@pytest.mark.parametrize("joints", [np.full((17, 2), np.nan), np.zeros((0, 2))])
def test_joints_without_a_place_are_damage(joints):
    with pytest.raises(DamagedError, match="without a place"):
        crop_box(joints)


def test_a_crop_is_cut_and_then_resized(tree, tmp_path):
    Image.fromarray(tree.frame()).save(tmp_path / "frame.jpg", quality=95)
    cut_HWC = read_crop(tmp_path / "frame.jpg", Box(200, 500, 600, 900), 64).astype(float)
    assert cut_HWC.shape == (64, 64, 3)
    middles = (np.arange(64) + 0.5) * 400 / 64  # of the pixels, from the crop's edge
    assert np.abs(cut_HWC[32, 4:-4, 0] - (200 + middles[4:-4]) * 0.255).max() < 3
    assert np.abs(cut_HWC[4:-4, 32, 1] - (500 + middles[4:-4]) * 0.255).max() < 3


def test_a_frame_that_is_too_small_was_cropped_before(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "frame.jpg")
    with pytest.raises(DamagedError, match=r"64x64 pixels.*cropped = true"):
        read_crop(tmp_path / "frame.jpg", Box(200, 200, 700, 700), 64)
