"""MP4 files and PNG strips for viewing. FFmpeg comes with PyAV's wheel."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from PIL import Image

from wmframe.files import disk_errors


def write_mp4(path: Path, frames_THWC: np.ndarray, fps: int = 20, *, zoom: int = 4) -> None:
    """Write a clip that every browser plays (H.264, yuv420p); it appears by one rename.

    Args:
        path: the file; its folder is made if it is not there.
        frames_THWC: uint8, any number of channels (see :func:`to_rgb`).
        fps: frames per second.
        zoom: enlarge frames by repetition up to this factor, while they stay within 1024 pixels.
    """
    rgb_THWC = enlarge(to_rgb(frames_THWC), zoom)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        _encode(partial, rgb_THWC, fps)
        partial.replace(path)


def _encode(path: Path, rgb_THWC: np.ndarray, fps: int) -> None:
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "18"})
        stream.height, stream.width = rgb_THWC.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame_HWC in rgb_THWC:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame_HWC, format="rgb24")))
        container.mux(stream.encode())


def sample_frames(path: Path, count: int) -> np.ndarray:
    """Frames evenly spread over a video file, first and last among them: uint8 [T, H, W, 3].

    Args:
        path: a file whose header says how many frames it holds, as :func:`write_mp4`'s do.
        count: how many frames; a shorter clip gives all of its own.
    """
    with av.open(str(path)) as container:
        moments = evenly(container.streams.video[0].frames, count)
        frames = enumerate(container.decode(video=0))
        return np.stack([frame.to_ndarray(format="rgb24") for t, frame in frames if t in moments])


def evenly(length: int, count: int) -> set[int]:
    """At most ``count`` indices spread over ``range(length)``, both ends among them."""
    return {round(float(at)) for at in np.linspace(0, length - 1, min(count, length))}


def write_png(path: Path, image_HWC: np.ndarray) -> None:
    """Write one uint8 image; it appears by one rename."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        Image.fromarray(to_rgb(image_HWC)).save(partial, format="png")
        partial.replace(path)


def strip(frames_THWC: np.ndarray, gap: int = 4) -> np.ndarray:
    """Frames side by side with a white gap between: uint8 [H, W', C]."""
    padding = ((0, 0), (0, 0), (0, gap), (0, 0))
    padded_THWC = np.pad(frames_THWC, padding, constant_values=255)
    row_HWC: np.ndarray = np.concatenate(list(padded_THWC), axis=1)
    return row_HWC[:, :-gap]


def to_rgb(frames: np.ndarray) -> np.ndarray:
    """Frames [..., H, W, C] of any C as RGB.

    Grey is repeated, several RGB images (cameras, stacked frames) are placed side by side, and of
    any other stack the last channel is shown.
    """
    channels = frames.shape[-1]
    if channels % 3:
        return np.repeat(frames[..., -1:], 3, axis=-1)
    pictures = [frames[..., start : start + 3] for start in range(0, channels, 3)]
    return np.concatenate(pictures, axis=-2)


def enlarge(frames_THWC: np.ndarray, zoom: int, limit: int = 1024) -> np.ndarray:
    """Repeat pixels ``zoom`` times or as often as stays within ``limit``; make both sides even."""
    height, width = frames_THWC.shape[1:3]
    zoom = max(1, min(zoom, limit // max(height, width)))
    frames_THWC = frames_THWC.repeat(zoom, axis=1).repeat(zoom, axis=2)
    odd_height, odd_width = (
        frames_THWC.shape[1] % 2,
        frames_THWC.shape[2] % 2,
    )  # yuv420p halves both
    return np.pad(frames_THWC, ((0, 0), (0, odd_height), (0, odd_width), (0, 0)), mode="edge")
