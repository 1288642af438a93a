"""TensorboardTracker: scalars and videos as TensorBoard event files in the stage's folder.

Events are written with TensorBoard's own writer, so neither torch's nor moviepy is needed.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from wmframe.data.video import to_rgb
from wmframe.interfaces.tracker import Tracker
from wmframe.tracking.videos import axis_step
from wmframe.types import Counters


class TensorboardTracker(Tracker):
    """Scalars against env steps, or against updates in a stage without a simulator.

    Args:
        folder: the stage's folder, which TensorBoard shows as one run.
        stage: the stage's name, not used.
        videos: embed videos as GIFs.
    """

    def __init__(self, *, folder: Path, stage: str, videos: bool = True) -> None:
        self._writer = EventFileWriter(str(folder))
        self._videos = videos

    def start(self, counters: Counters, budget: Counters) -> None:
        """Tell TensorBoard to hide what older files hold beyond ``counters``."""
        start = SessionLog(status=SessionLog.START)
        self._add(counters, session_log=start, beyond=1)

    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Write one event with all values."""
        summary = Summary(
            value=[Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        )
        self._add(counters, summary=summary)

    def video(self, counters: Counters, name: str, frames_THWC: np.ndarray, fps: int = 20) -> None:
        """Write a GIF, if videos are enabled."""
        if not self._videos:
            return
        _, height, width, _ = frames_THWC.shape
        image = Summary.Image(
            height=height,
            width=width,
            colorspace=3,
            encoded_image_string=encode_gif(frames_THWC, fps),
        )
        self._add(counters, summary=Summary(value=[Summary.Value(tag=name, image=image)]))

    def close(self) -> None:
        """Flush and close the event file."""
        self._writer.close()

    def _add(self, counters: Counters, beyond: int = 0, **content: Any) -> None:
        step = axis_step(counters) + beyond
        self._writer.add_event(Event(wall_time=time.time(), step=step, **content))


def encode_gif(frames_THWC: np.ndarray, fps: int) -> bytes:
    """An endless GIF of a uint8 clip with any number of channels."""
    first, *rest = (Image.fromarray(frame) for frame in to_rgb(frames_THWC))
    buffer = io.BytesIO()
    first.save(
        buffer, format="GIF", save_all=True, append_images=rest, duration=1000 // fps, loop=0
    )
    return buffer.getvalue()
