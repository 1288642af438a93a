"""JPEG encoding and decoding.

FFmpeg decodes these about twice as fast as Pillow does. It does not smooth colours between pixels,
which brings it as close to the original on videos of 64x64 (within 0.1 of 256 levels on average on
natural ones). JPEG files from elsewhere go through Pillow.
"""

from __future__ import annotations

import io
import threading
from typing import Final

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from PIL import Image

from wmframe.errors import DamagedError

QUALITY: Final = 90
HALVED: Final = 2
"""Pillow's number for 4:2:0 chroma subsampling, as in almost all raw videos."""


SLACK: Final = 64
"""Pixels by which FFmpeg may round a side up."""

KEPT: Final = 16
"""Decoders per thread; a shard needs two, for its full strips and for the last ones."""


class Decoder:
    """Decoder for images of one size: for a different size FFmpeg would reinitialise itself."""

    def __init__(self, height: int, width: int) -> None:
        self._shape = (height, width, 3)
        self._codec = av.CodecContext.create("mjpeg", "r")
        self._codec.thread_count = 1
        most = (height + SLACK) * (width + SLACK)  # nothing is allocated for a larger picture
        self._codec.options = {"err_detect": "explode", "max_pixels": str(most)}
        self._converter = VideoReformatter()

    def decode(self, data: bytes) -> np.ndarray:
        """Pixels, uint8 [H, W, 3].

        Raises:
            DamagedError: see :func:`decode_jpeg`; the decoder is of no more use then.
        """
        try:
            frames = self._codec.decode(av.Packet(data)) if data else []  # empty would flush it
        except (av.FFmpegError, ValueError) as error:
            raise DamagedError(f"a picture cannot be decoded: {error}") from error
        if len(frames) != 1:
            raise DamagedError(f"a picture cannot be decoded: {len(data)} bytes hold none")
        picture_HWC = self._converter.reformat(frames[0], format="rgb24", threads=1).to_ndarray()
        if picture_HWC.shape != self._shape:
            found, wanted = ("x".join(map(str, s[:2])) for s in (picture_HWC.shape, self._shape))
            raise DamagedError(f"a picture has {found} pixels, not {wanted}")
        return picture_HWC


class Decoders(threading.local):
    """A thread's decoders by height and width, least recently used first."""

    def __init__(self) -> None:
        self._by_size: dict[tuple[int, int], Decoder] = {}

    def decode(self, data: bytes, height: int, width: int) -> np.ndarray:
        """See :func:`decode_jpeg`.

        A decoder that failed is not kept: what FFmpeg knows of the damaged picture would spoil the
        next ones.
        """
        decoder = self._by_size.pop((height, width), None) or Decoder(height, width)
        picture_HWC = decoder.decode(data)
        if len(self._by_size) == KEPT:
            self._by_size.pop(next(iter(self._by_size)))
        self._by_size[height, width] = decoder
        return picture_HWC


_decoders = Decoders()


def encode_jpeg(picture_HWC: np.ndarray) -> bytes:
    """Compress a uint8 RGB picture."""
    buffer = io.BytesIO()
    Image.fromarray(picture_HWC).save(
        buffer, "jpeg", quality=QUALITY, subsampling=HALVED, optimize=True
    )
    return buffer.getvalue()


def decode_jpeg(data: bytes, height: int, width: int) -> np.ndarray:
    """Pixels of a picture, uint8 [height, width, 3], RGB.

    Raises:
        DamagedError: this is no JPEG of that size, or a damaged one.
    """
    return _decoders.decode(data, height, width)
