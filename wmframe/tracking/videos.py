"""VideoFiles: every clip as an MP4 in the stage's ``videos`` folder, encoded in the background."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from wmframe.data.video import write_mp4
from wmframe.interfaces.tracker import Tracker
from wmframe.types import Counters

FOLDER: Final = "videos"


class VideoFiles(Tracker):
    """Writes ``videos/NAME_STEP.mp4`` in a thread; the encoder releases the interpreter's lock.

    STEP counts env steps, or updates for a stage without a simulator. What goes wrong in the thread
    is raised by the next call.

    Args:
        folder: the stage's folder.
        stage: the stage's name, not used.
    """

    def __init__(self, *, folder: Path, stage: str) -> None:
        self._folder = folder / FOLDER
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="video")
        self._pending: list[Future[None]] = []

    def start(self, counters: Counters, budget: Counters) -> None:
        """Delete videos and strips made beyond ``counters``, and what a kill left half-written."""
        for path in self._folder.glob("*.partial"):
            path.unlink()
        for path in (*self._folder.glob("*_*.mp4"), *self._folder.glob("*_*.png")):
            count = path.stem.rpartition("_")[2]
            if count.isdecimal() and int(count) > axis_step(counters):
                path.unlink()

    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Numbers are not this tracker's business."""

    def video(self, counters: Counters, name: str, frames_THWC: np.ndarray, fps: int = 20) -> None:
        """Queue a clip; the frames are copied, as the caller may reuse them."""
        self._raise_failures()
        path = self._folder / f"{name.replace('/', '_')}_{axis_step(counters):09d}.mp4"
        job = self._pool.submit(write_mp4, path, np.array(frames_THWC), fps)
        self._pending.append(job)

    def close(self) -> None:
        """Wait for the clips that are being written."""
        self._pool.shutdown()
        self._raise_failures()

    def _raise_failures(self) -> None:
        done = [job for job in self._pending if job.done()]
        self._pending = [job for job in self._pending if job not in done]
        for job in done:
            job.result()


def axis_step(counters: Counters) -> int:
    """The number in a video's name and on TensorBoard's axis: env steps, or updates without any."""
    return counters.env_steps or counters.updates
