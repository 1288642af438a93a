"""Payload formats: how the frames of one clip are stored in a shard.

``npy``: the whole array, as numpy writes it. A window of frames is one read, straight into the
batch; 12 kB a frame of 64x64.

``strip``: JPEG pictures of K frames below one another, so that a window decodes few pictures and
what surrounds it costs little; about 1.5 kB a frame of 64x64. Little-endian::

    4 bytes   "JSTR"
    u32       frames T
    u32       frames a strip K; the last strip has the rest
    u32       size S: a strip is K*S pixels high and S wide
    u32[n+1]  where each of the n strips begins, from the first byte of the payload, and the end
    ...       the strips
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from wmframe.data.arrays import parse_npy
from wmframe.data.shards.jpeg import decode_jpeg, encode_jpeg
from wmframe.errors import DamagedError

Kind = Literal["strip", "npy"]
EXTENSIONS: Final[dict[Kind, str]] = {"strip": "jstrip", "npy": "npy"}

STRIP: Final = 8
"""Frames per strip. Windows of 25 are read equally fast with 5 to 8."""

HIGHEST: Final = 65535
"""Pixels of a JPEG's side."""

DENSEST: Final = 1024
"""Upper bound on bytes of pixels per byte of JPEG: no block takes less than a bit."""

NPY_HEAD: Final = 65536 + 12
"""Maximum bytes before an array's data."""

MAGIC: Final = b"JSTR"
HEAD: Final = struct.Struct("<4s3I")

ReadInto = Callable[[memoryview, int], None]
"""Fill a buffer from an offset in the payload."""


class Source(NamedTuple):
    """A payload: how it is read, and its bytes."""

    read_into: ReadInto
    bytes: int

    def read(self, offset: int, size: int) -> bytearray:
        """A part of it."""
        if not 0 <= size <= self.bytes - offset:
            raise DamagedError("its table of strips is not in order")
        buffer = bytearray(size)
        self.read_into(memoryview(buffer), offset)
        return buffer


class Head(NamedTuple):
    """What a strip payload begins with."""

    frames: int
    strip: int
    size: int


def encode(frames_THWC: np.ndarray, kind: Kind) -> bytes:
    """A clip's payload; frames uint8 [T, S, S, 3]."""
    if kind == "npy":
        buffer = io.BytesIO()
        np.save(buffer, frames_THWC, allow_pickle=False)
        return buffer.getvalue()
    length, height, width, channels = frames_THWC.shape
    rows_HWC = frames_THWC.reshape(-1, width, channels)
    step = STRIP * height
    pictures = [encode_jpeg(rows_HWC[at : at + step]) for at in range(0, len(rows_HWC), step)]
    begins = np.cumsum([HEAD.size + 4 * (len(pictures) + 1), *map(len, pictures)]).astype("<u4")
    head = HEAD.pack(MAGIC, length, STRIP, width)
    return b"".join([head, begins.tobytes(), *pictures])


def decode(payload: bytes, kind: Kind) -> np.ndarray:
    """All frames of a payload, uint8 [T, S, S, 3].

    Raises:
        DamagedError: it cannot be read.
    """
    if kind == "npy":
        return parse_npy(payload)
    source = Source(partial(_copy, payload), len(payload))
    head = _read_head(source)
    check_claims(head.frames, head.size, kind, source.bytes)
    out_THWC = np.empty((head.frames, head.size, head.size, 3), np.uint8)
    _fill_from_strips(out_THWC, 0, head, source)
    return out_THWC


def fill_window(
    out_THWC: np.ndarray, start: int, kind: Kind, frames: int, size: int, read_into: ReadInto
) -> None:
    """Read the frames from ``start`` on into ``out_THWC``, as many as it holds.

    Args:
        out_THWC: contiguous, uint8 [L, S, S, 3].
        start: first frame.
        kind: of the payload.
        frames: how many the payload holds.
        size: the payload's bytes.
        read_into: reads the payload.

    Raises:
        DamagedError: the payload cannot be read, or holds another clip.
    """
    if kind == "npy":
        frame_bytes = out_THWC[0].nbytes
        read_into(out_THWC.reshape(-1).data, size - (frames - start) * frame_bytes)
        return
    source = Source(read_into, size)
    head = _read_head(source)
    if (head.frames, head.size) != (frames, out_THWC.shape[1]):
        said, known = (f"{n} frames of {s}x{s}" for n, s in (head[::2], (frames, len(out_THWC[0]))))
        raise DamagedError(f"it says that it has {said} pixels, its index {known}")
    _fill_from_strips(out_THWC, start, head, source)


def check_claims(frames: int, size: int, kind: Kind, payload: int) -> None:
    """Check that a payload of that many bytes can hold the claimed frames, before allocation.

    Raises:
        DamagedError: it cannot.
    """
    pixels = frames * size * size * 3
    least, most = (pixels, pixels + NPY_HEAD) if kind == "npy" else (pixels // DENSEST, None)
    if min(frames, size) < 1 or payload < least or (most is not None and payload > most):
        raise DamagedError(f"{payload:,} bytes cannot hold {frames} frames of {size}x{size} pixels")


def webdataset_decoder(key: str, data: bytes) -> Any:
    """For ``webdataset``: ``WebDataset(urls).decode(webdataset_decoder)`` gives arrays of frames.

    Returns:
        uint8 [T, S, S, 3], or None for what webdataset decodes by itself.
    """
    return decode(data, "strip") if key.endswith("jstrip") else None


def _fill_from_strips(out_THWC: np.ndarray, start: int, head: Head, source: Source) -> None:
    stop = start + len(out_THWC)
    first, last = start // head.strip, (stop - 1) // head.strip
    table = source.read(HEAD.size + 4 * first, 4 * (last - first + 2))
    begins = struct.unpack(f"<{last - first + 2}I", table)
    data = source.read(begins[0], begins[-1] - begins[0])
    for index, (begin, end) in enumerate(pairwise(begins), first):
        at = index * head.strip
        count = min(head.strip, head.frames - at)
        picture = bytes(data[begin - begins[0] : end - begins[0]])
        frames_THWC = decode_jpeg(picture, count * head.size, head.size).reshape(
            count, head.size, head.size, 3
        )
        low, high = max(start, at), min(stop, at + count)
        out_THWC[low - start : high - start] = frames_THWC[low - at : high - at]


def _read_head(source: Source) -> Head:
    magic, *fields = HEAD.unpack(source.read(0, HEAD.size))
    head = Head(*fields)
    if magic != MAGIC or 0 in fields or min(head.strip, head.frames) * head.size > HIGHEST:
        raise DamagedError("this is no strip payload")
    return head


def _copy(payload: bytes, buffer: memoryview, offset: int) -> None:
    part = payload[offset : offset + len(buffer)]
    if len(part) < len(buffer):
        raise DamagedError("the payload ends early")
    buffer[:] = part
