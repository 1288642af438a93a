"""Image files, opened in one place only: upright, RGB, 8 bits, one frame per file.

Other content is either converted (orientation, 16 bits scaled down, palettes, CMYK) or refused by
name (several frames, transparency, values without a declared range).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from wmframe.errors import DamagedError

UNREADABLE: Final = (
    OSError,
    SyntaxError,  # Pillow's for broken PNG
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    struct.error,
    Image.DecompressionBombError,
)
"""Pillow's exceptions for damaged files, including EXIF tags."""

FORMATS: Final = ("BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
"""Accepted formats; for some others, such as EPS, Pillow starts programs."""

SIXTEEN: Final = ("I;16", "I;16L", "I;16B", "I;16N")
WIDE: Final = ("PNG", "PPM", "JPEG2000")
"""Formats that Pillow reads as 32 bits although they have 16."""

SAMPLE_FORMAT: Final = 339
BITS_PER_SAMPLE: Final = 258
PHOTOMETRIC: Final = 262
"""Tags of TIFF; Pillow ignores the last one if there are more than 8 bits."""

FLATTEN: Final = "flatten it onto a background colour and write it without an alpha channel"


def read_picture(
    source: Path | bytes, name: str = "", formats: tuple[str, ...] = FORMATS
) -> np.ndarray:
    """An image as a viewer shows it, uint8 [H, W, 3], RGB.

    Args:
        source: a file, or its content.
        name: what messages call it; the file's name by default.
        formats: Pillow's names of the formats that are tried.

    Raises:
        DamagedError: it cannot be decoded, or holds what 8-bit RGB cannot: several frames,
            transparent pixels, numbers without a range.
    """
    name = name or (source.name if isinstance(source, Path) else "the picture")
    if isinstance(source, Path) and not source.is_file():  # opening a pipe would block
        raise DamagedError(f"{name} is {'no regular file' if source.exists() else 'not there'}")
    file = BytesIO(source) if isinstance(source, bytes) else source
    try:
        with Image.open(file, "r", formats) as image:
            _check_single(image, name)
            _check_transparent_colour(image, name)
            bits = _bits(image, name)
            upright = ImageOps.exif_transpose(image)  # of mirrored ones, too
            return np.asarray(_eight_bits(upright, image.format or "", name, bits))
    except UnidentifiedImageError as error:  # its own text names an object, not the file
        message = f"{name} cannot be decoded: it is no picture of {', '.join(formats)}"
        raise DamagedError(message, "write it as PNG or JPEG") from error
    except UNREADABLE as error:
        raise DamagedError(f"{name} cannot be decoded: {error}") from error


def _check_single(image: Image.Image, name: str) -> None:
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # MPO: the first is the picture, others are previews
        hint = "write its frames to a video file, or to a folder of pictures"
        raise DamagedError(f"{name} holds {frames} frames, not one", hint)


def _check_transparent_colour(image: Image.Image, name: str) -> None:
    """Refuse a transparent colour of 16 bits, which Pillow loses with the lower ones."""
    colour = image.info.get("transparency")
    values = colour if isinstance(colour, tuple) else (colour,)
    deep = any(isinstance(value, int) and value > 255 for value in values)
    if (image.mode in SIXTEEN and colour is not None) or deep:
        raise DamagedError(f"{name} has a transparent colour of 16 bits", FLATTEN)


def _bits(image: Image.Image, name: str) -> int:
    """Bits of a deep grey level; negative if 0 is white."""
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    if image.mode not in ("I", "F") and set(tags.get(SAMPLE_FORMAT, (1,))) & {2, 6}:
        raise DamagedError(
            f"{name} holds numbers with a sign", "write it as 8 or 16 bits from 0 on"
        )
    bits = int(tags.get(BITS_PER_SAMPLE, (16,))[0])
    return -bits if tags.get(PHOTOMETRIC) == 0 else bits


def _eight_bits(
    image: Image.Image,
    format: str,  # noqa: A002
    name: str,
    bits: int,
) -> Image.Image:
    """Convert any mode with a known range to RGB; more bits are scaled to 8, not truncated."""
    if image.mode in SIXTEEN or (image.mode == "I" and format in WIDE):
        grey = np.asarray(image).astype(np.float32) / (2 ** abs(bits) - 1)
        grey = 1 - grey if bits < 0 else grey
        return Image.fromarray(np.rint(255 * grey).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        what = f"{name} holds {'integers' if image.mode == 'I' else 'floats'} of 32 bits"
        raise DamagedError(f"{what}, whose range it does not say", "write it as 8 or 16 bits")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            raise DamagedError(f"{name} has transparent pixels", FLATTEN)
    return image.convert("RGB")
