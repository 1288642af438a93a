"""Raw videos to small frames, as datasets' publishers store them: video files, frame images.

Frames are resized to a square without cropping, with a bicubic filter that averages what it
shrinks, as ``ffmpeg -vf scale=64:64`` does. Errors do not name the video; packing does.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from PIL import Image

from wmframe.errors import DamagedError


def decode_video(path: Path, size: int) -> np.ndarray:
    """Every frame of a video file, uint8 [T, size, size, 3].

    Raises:
        DamagedError: FFmpeg cannot read it to its end, or it holds no frames.
    """
    try:
        with av.open(str(path)) as container:
            container.streams.video[0].thread_count = 1  # videos are decoded side by side instead
            frames = [
                frame.reformat(size, size, "rgb24", interpolation="BICUBIC").to_ndarray()
                for frame in container.decode(video=0)
            ]
    except (av.FFmpegError, IndexError, OSError) as error:
        raise DamagedError(f"FFmpeg cannot decode it: {error}") from error
    if not frames:
        raise DamagedError("it holds no frames")
    return np.stack(frames)


def decode_images(paths: Iterable[Path], size: int) -> np.ndarray:
    """Images as the frames of a video, uint8 [T, size, size, 3].

    Raises:
        DamagedError: one cannot be read, or there are none.
    """
    frames = [_image(path, size) for path in paths]
    if not frames:
        raise DamagedError("it holds no images")
    return np.stack(frames)


def resize(frame_HWC: np.ndarray, size: int) -> np.ndarray:
    """A frame, uint8 RGB, as [size, size, 3]."""
    if frame_HWC.shape[:2] == (size, size):
        return frame_HWC
    return np.asarray(Image.fromarray(frame_HWC).resize((size, size), Image.Resampling.BICUBIC))


def _image(path: Path, size: int) -> np.ndarray:
    try:
        with Image.open(path) as image:
            return resize(np.asarray(image.convert("RGB")), size)
    except (OSError, SyntaxError, ValueError) as error:  # SyntaxError: Pillow's for broken PNG
        raise DamagedError(f"{path.name} cannot be decoded: {error}") from error
