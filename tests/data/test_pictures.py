"""Pictures of every kind are read as a viewer shows them, or refused by name."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from PIL import Image

from wmframe.data.decoding import decode_images, decode_video
from wmframe.data.pictures import read_picture
from wmframe.errors import DamagedError

ORIENTATION = 0x0112

CORNER = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}
"""Where the top left of the pixels is shown, by the EXIF standard: row, column."""


def content(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def marked(height=16, width=32):
    pixels_HWC = np.full((height, width, 3), 40, np.uint8)
    pixels_HWC[: height // 2, : width // 2] = 250, 0, 0
    return Image.fromarray(pixels_HWC)


def bright_corner(frame_HWC):
    height, width = frame_HWC.shape[0] // 4, frame_HWC.shape[1] // 4
    probes = {
        (y, x): frame_HWC[height + 2 * y * height, width + 2 * x * width, 0]
        for y in (0, 1)
        for x in (0, 1)
    }
    return max(probes, key=probes.get)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_tags_are_followed(form, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    frame_HWC = read_picture(content(marked(), form, exif=exif))
    assert frame_HWC.shape == ((16, 32, 3) if orientation < 5 else (32, 16, 3))
    assert bright_corner(frame_HWC) == CORNER[orientation]


def test_an_orientation_without_meaning_changes_nothing():
    exif = Image.Exif()
    exif[ORIENTATION] = 77
    assert bright_corner(read_picture(content(marked(), "JPEG", exif=exif))) == (0, 0)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled_to_eight(form):
    levels_HW = np.linspace(0, 65535, 256).reshape(16, 16).astype(np.uint16)
    frame_HWC = read_picture(content(Image.fromarray(levels_HW), form))
    expected_HW = levels_HW / 65535 * 255
    assert np.abs(frame_HWC - expected_HW[..., None]).max() <= 0.51


@pytest.mark.parametrize(
    ("image", "pixel"),
    [
        (Image.new("1", (4, 4), 1), (255, 255, 255)),
        (Image.new("L", (4, 4), 9), (9, 9, 9)),
        (Image.new("CMYK", (4, 4), (0, 255, 255, 0)), (255, 0, 0)),
        (Image.new("RGBA", (4, 4), (1, 2, 3, 255)), (1, 2, 3)),
    ],
    ids=["bits", "grey", "cmyk", "opaque"],
)
def test_other_kinds_become_rgb(image, pixel):
    assert tuple(read_picture(content(image, "TIFF"))[0, 0]) == pixel


def test_palettes_are_looked_up():
    image = Image.new("P", (4, 4), 3)
    image.putpalette([level for index in range(256) for level in (index, 255 - index, 7)])
    assert tuple(read_picture(content(image, "PNG"))[0, 0]) == (3, 252, 7)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_transparent_pixels_are_refused(mode, form):
    image = Image.new("RGBA", (4, 4), (90, 90, 90, 255))
    image.putpixel((1, 1), (90, 90, 90, 0))
    with pytest.raises(DamagedError, match=r"cup\.png has transparent pixels"):
        read_picture(content(image.convert(mode), form), "cup.png")


def test_a_transparent_colour_of_a_palette_is_refused():
    image = Image.new("P", (4, 4), 3)
    image.putpalette([level for index in range(256) for level in (index, 255 - index, 7)])
    with pytest.raises(DamagedError, match="transparent"):
        read_picture(content(image, "PNG", transparency=3))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_several_frames_in_one_picture_are_refused(form):
    frames = [Image.new("RGB", (4, 4), (60 * level, 0, 0)) for level in range(3)]
    with pytest.raises(DamagedError, match="holds 3 frames"):
        read_picture(content(frames[0], form, save_all=True, append_images=frames[1:]))


@pytest.mark.parametrize(("mode", "what"), [("F", "floats"), ("I", "integers")])
def test_values_without_a_range_are_refused(mode, what):
    with pytest.raises(DamagedError, match=f"{what} of 32 bits"):
        read_picture(content(Image.new(mode, (4, 4), 7), "TIFF"))


@pytest.mark.parametrize("bad", [b"", b"no picture", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_is_no_picture_is_named(bad):
    with pytest.raises(DamagedError, match="cup cannot be decoded"):
        read_picture(bad, "cup")


def test_damaged_tags_are_no_traceback():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = bytearray(content(marked(), "JPEG", exif=exif))
    at = data.find(b"Exif")
    for offset in range(6, 40):
        broken = data.copy()
        broken[at + offset] ^= 0xFF
        try:
            assert read_picture(bytes(broken)).shape[2] == 3
        except DamagedError as error:
            assert "cannot be decoded" in error.message


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "1.png")
    with pytest.raises(DamagedError, match="no regular file"):
        decode_images([tmp_path / "1.png"], 8)
    with pytest.raises(DamagedError, match="no regular file"):
        decode_video(tmp_path / "1.png", 8)
