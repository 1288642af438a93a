"""Frames of one video, from its file or from the folder that they were extracted to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import av

from wmframe.errors import DamagedError

FRAME: Final = re.compile(r"\D*(\d+)\.(?:jpe?g|png)", re.IGNORECASE)

SHORT: Final = 0.5
"""Seconds that a whole file may end before the length that its header gives."""


def frame_paths(folder: Path, count: int | None) -> list[Path]:
    """The images of a folder in the order of their numbers, which begin with 1, or with 0.

    Args:
        folder: ``ID/000001.jpg`` and so on; other tools' names end in the number too.
        count: how many belong to the video; None for all that are there.

    Raises:
        DamagedError: there are none, or one is missing; images are not opened.
    """
    try:
        matches = [(FRAME.fullmatch(path.name), path) for path in folder.iterdir()]
    except OSError as error:
        raise DamagedError(f"its folder cannot be read: {error}") from error
    numbered = {int(match[1]): path for match, path in matches if match}
    if not numbered or count == 0:
        raise DamagedError("it has no frames")
    first = 0 if 0 in numbered else 1
    wanted = range(first, first + (len(numbered) if count is None else count))
    if missing := [number for number in wanted if number not in numbered]:
        raise DamagedError(f"frame {missing[0]} is not there; {len(missing)} are missing")
    return [numbered[number] for number in wanted]


def check_whole(path: Path) -> None:
    """Compare where a video file ends with the length in its header; nothing is decoded.

    FFmpeg takes the end of a file that was cut, as by a full disk, for the end of the video.

    Raises:
        DamagedError: it was cut, or cannot be opened.
    """
    try:
        with av.open(str(path)) as container:
            length = (container.duration or 0) / av.time_base
            packets = container.demux(container.streams.video[0])
            times = [p.pts * p.time_base for p in packets if p.pts is not None]
    except (av.FFmpegError, IndexError, OSError) as error:
        raise DamagedError(f"FFmpeg cannot read it: {error}") from error
    end = float(max(times, default=0))
    if end < length - SHORT:
        raise DamagedError(f"it was cut: it ends after {end:.1f} of {length:.1f} seconds")
