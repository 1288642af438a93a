"""Decode raw videos to small frames: video files or folders of frame images.

Frames are resized to a square without cropping, with an antialiased bicubic filter, like ``ffmpeg
-vf scale=64:64``. Errors do not name the video; packing does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.stream import Disposition
from PIL import Image

from wmframe.data.pictures import read_picture
from wmframe.data.turning import turned
from wmframe.errors import DamagedError

HEADERS: Final = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "flv", "asf"})
"""FFmpeg's names of formats whose header has the duration. For others FFmpeg estimates it from the
available bytes.
"""

HIGH_RANGE: Final = {16: "PQ", 18: "HLG"}
"""High-dynamic-range transfer functions, by FFmpeg's number."""

TONE: Final = (
    "bring it to the usual range: ffmpeg -i IN -vf zscale=t=linear,tonemap=hable,"
    "zscale=t=bt709:m=bt709:p=bt709,format=yuv420p OUT.mp4"
)

SHORT: Final = 0.5
"""Seconds by which a complete file may end before the duration in its header."""


def decode_video(path: Path, size: int, format: str | None = None) -> np.ndarray:  # noqa: A002
    """Every frame of a video file, uint8 [T, size, size, 3].

    FFmpeg takes the end of a truncated file for the end of the video, so the end is compared with
    the duration in the header.

    Args:
        path: the file.
        size: side of a frame in pixels.
        format: see :func:`open_video`.

    Raises:
        DamagedError: FFmpeg cannot read it to its end, it is truncated, or it holds no frames.
    """
    frames: list[np.ndarray] = []
    end = 0.0
    with open_video(path, format) as container:
        video, length = film_of(container), length_of(container)
        for packet in container.demux():
            end = max(end, end_of(packet))
            if packet.stream is video:
                frames += [shrink(frame, size) for frame in packet.decode()]
    if end < length - SHORT:
        message = f"it was cut: it ends after {end:.1f} of {length:.1f} seconds"
        raise DamagedError(message, "copy or download it again, and pack again")
    if not frames:
        raise DamagedError("it holds no frames")
    return np.stack(frames)


@contextmanager
def open_video(path: Path, format: str | None = None) -> Iterator[Any]:  # noqa: A002
    """Open a video file for reading; FFmpeg's errors become damage.

    Args:
        path: the file.
        format: the only one that is tried; by default FFmpeg detects it. Some formats refer to
            other files, which FFmpeg would open.

    Raises:
        DamagedError: FFmpeg cannot read it.
    """
    if not path.is_file():  # opening a pipe would block
        raise DamagedError("it is no regular file" if path.exists() else "it is not there")
    try:
        with av.open(str(path), format=format, metadata_errors="replace") as container:
            film_of(container).thread_count = 1  # parallelism is over videos instead
            yield container
    except (av.FFmpegError, IndexError, OSError) as error:
        raise DamagedError(f"FFmpeg cannot decode it: {error}") from error


def film_of(container: Any) -> Any:
    """The only video stream of a file, not counting covers and thumbnails.

    Raises:
        DamagedError: there is none, or there are several.
    """
    still = Disposition.attached_pic
    films = [stream for stream in container.streams.video if not stream.disposition & still]
    if len(films) == 1:
        if films[0].metadata.get("alpha_mode", "0") != "0":  # FFmpeg's VP8, VP9 ignore it
            raise DamagedError("it has an alpha channel", "write it without an alpha channel")
        return films[0]
    if films:
        hint = "write each to a file of its own, as ffmpeg -map 0:v:0 does"
        raise DamagedError(f"it holds {len(films)} videos, not one", hint)
    held = sorted({stream.type for stream in container.streams})
    if not held:
        raise DamagedError("FFmpeg cannot decode it: it finds nothing in it")
    raise DamagedError(f"it holds no video, only {' and '.join(held)}")


def length_of(container: Any) -> float:
    """Duration in seconds by the header; 0 if it has none."""
    known = container.format.name in HEADERS and container.duration
    return float(container.duration / av.time_base) if known else 0.0


def end_of(packet: Any) -> float:
    """End of the last packet of video or audio, in seconds."""
    begin = packet.dts if packet.pts is None else packet.pts
    if begin is None or packet.time_base is None:
        return 0.0
    return float((begin + (packet.duration or 0)) * packet.time_base)


def shrink(frame: Any, size: int) -> np.ndarray:
    """A decoded frame as a player shows it, uint8 [size, size, 3], RGB.

    FFmpeg scales deeper colours down to 8 bits. Rotation and mirroring of the file are applied; a
    square keeps its size.

    Raises:
        DamagedError: it has transparent pixels or a high dynamic range, or is not rotated by
            quarter turns.
    """
    if frame.color_trc in HIGH_RANGE:
        message = (
            f"its brightness is that of {HIGH_RANGE[frame.color_trc]}, of a higher range (HDR)"
        )
        raise DamagedError(message, TONE)
    alpha = any(component.is_alpha for component in frame.format.components)
    alpha = alpha or frame.format.name == "pal8"
    form = "rgba" if alpha else "rgb24"
    # by default every call starts threads of its own, which live until the garbage collector runs
    scaled = frame.reformat(size, size, form, interpolation="BICUBIC", threads=1)
    small = scaled.to_ndarray()
    if alpha and (small[..., 3] < 255).any():
        raise DamagedError("it has transparent pixels", "write it without an alpha channel")
    upright: np.ndarray = turned(small[..., :3], frame)
    return upright


def decode_images(paths: Iterable[Path], size: int) -> np.ndarray:
    """Images as the frames of a video, uint8 [T, size, size, 3].

    Raises:
        DamagedError: one cannot be read, or there are none.
    """
    frames = [resize(read_picture(path), size) for path in paths]
    if not frames:
        raise DamagedError("it holds no images")
    return np.stack(frames)


def resize(frame_HWC: np.ndarray, size: int) -> np.ndarray:
    """A frame, uint8 RGB, as [size, size, 3]."""
    if frame_HWC.shape[:2] == (size, size):
        return frame_HWC
    return np.asarray(Image.fromarray(frame_HWC).resize((size, size), Image.Resampling.BICUBIC))
