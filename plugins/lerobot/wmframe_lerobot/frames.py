"""Frames of an episode: a segment of a video file, or images in a Parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from wmframe.data.decoding import decode_video, film_of, open_video, resize, shrink
from wmframe.data.pictures import read_picture
from wmframe.errors import DamagedError
from wmframe_lerobot.tables import check_file

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""Image formats of LeRobot."""

MP4: Final = "mp4"
"""The only video format that is tried; some others refer to other files."""

EARLIER: Final = 1.0
"""Seconds to seek before a segment, as frames are not always stored in display order."""


def decode_whole(path: Path, size: int) -> np.ndarray:
    """Every frame of an MP4 file, uint8 [T, size, size, 3].

    Raises:
        DamagedError: FFmpeg cannot read it to its end, it was cut, or it holds no frames.
    """
    return decode_video(check_file(path), size, format=MP4)


def decode_stretch(path: Path, size: int, fps: float, start: int, stop: int) -> np.ndarray:
    """Frames ``start`` to ``stop`` of an MP4 file, uint8 [T, size, size, 3].

    Args:
        path: the file.
        size: side of a frame in pixels.
        fps: frame n is the one shown at n / fps seconds.
        start: the first frame.
        stop: one past the last.

    Raises:
        DamagedError: FFmpeg cannot read it, or it lacks one of them.
    """
    frames: dict[int, np.ndarray] = {}
    with open_video(check_file(path), MP4) as container:
        begin = max(0.0, start / fps - EARLIER)
        container.seek(int(begin * av.time_base))
        for frame in container.decode(film_of(container)):
            number = round((frame.time or 0.0) * fps)
            if number >= stop:
                break
            if number in frames:
                raise DamagedError(
                    f"two of its frames are number {number} at {fps:g} frames a second",
                    "meta/info.json says another fps than the file's timestamps; correct it",
                )
            if number >= start:
                frames[number] = shrink(frame, size)
    if len(frames) < stop - start:
        lost = next(number for number in range(start, stop) if number not in frames)
        message = f"{len(frames)} of its frames {start} to {stop} are there; {lost} is not"
        raise DamagedError(message)
    return np.stack([frames[number] for number in range(start, stop)])


def decode_pictures(cells: Sequence[Any], size: int) -> np.ndarray:
    """Pictures as Parquet files hold them, uint8 [T, size, size, 3].

    Args:
        cells: each a dict whose ``bytes`` are an image file.
        size: side of a frame in pixels.

    Raises:
        DamagedError: one cannot be read, or there are none.
    """
    if not cells:
        raise DamagedError("it holds no pictures of this episode")
    return np.stack([_picture(number, cell, size) for number, cell in enumerate(cells)])


def _picture(number: int, cell: Any, size: int) -> np.ndarray:
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    if not isinstance(data, bytes):
        raise DamagedError(f"picture {number} is not in the file")
    return resize(read_picture(data, f"picture {number}", FORMATS), size)
