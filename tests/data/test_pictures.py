"""Pictures of every kind are read as a viewer shows them, or refused by name."""

from __future__ import annotations

import io
import os
import struct
import zlib

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


def tiff(levels, bits, photometric=1, signed=False):
    """Grey levels [4, 4], already laid out in bytes, as Pillow does not write them."""
    tags = {256: 4, 257: 4, 258: bits, 259: 1, 262: photometric, 273: 8, 277: 1, 278: 4}
    tags |= {279: len(levels), 339: 2 if signed else 1}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    header = struct.pack("<2sHI", b"II", 42, 8 + len(levels))
    return header + levels + struct.pack("<H", len(tags)) + entries + bytes(4)


def test_white_is_zero_where_a_deep_picture_says_so():
    levels_HW = np.linspace(0, 65535, 16).reshape(4, 4).astype("<u2")
    frame_HWC = read_picture(tiff(levels_HW.tobytes(), 16, photometric=0))
    assert np.abs(frame_HWC[..., 0] - (255 - levels_HW / 257)).max() <= 0.51


def test_twelve_bits_are_scaled_to_eight():
    levels = bytes.fromhex("000fff") * 8  # 0 and 4095 in turn
    assert read_picture(tiff(levels, 12))[0, :, 0].tolist() == [0, 255, 0, 255]


@pytest.mark.parametrize("bits", [8, 16])
def test_numbers_with_a_sign_are_refused(bits):
    with pytest.raises(DamagedError, match=r"with a sign|32 bits"):
        read_picture(tiff(bytes(2 * bits), bits, signed=True))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(("kind", "values"), [(0, 1), (2, 3)], ids=["grey", "rgb"])
def test_a_transparent_colour_of_sixteen_bits_is_refused(kind, values):
    colour = struct.pack(">H", 500) * values
    picture = b"\x89PNG\r\n\x1a\n"
    picture += chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 16, kind, 0, 0, 0))
    picture += chunk(b"tRNS", colour) + chunk(b"IDAT", zlib.compress(b"\0" + colour))
    with pytest.raises(DamagedError, match="transparent colour"):
        read_picture(picture + chunk(b"IEND", b""))


def test_a_picture_of_another_format_is_named_without_addresses():
    with pytest.raises(DamagedError, match="cup cannot be decoded: it is no picture of BMP"):
        read_picture(content(Image.new("RGB", (4, 4)), "EPS"), "cup")
