"""Settings of the trackers that come with wmframe."""

from __future__ import annotations

import attrs

from wmframe.config import setting


@attrs.frozen
class ConsoleConfig:
    """What the terminal shows."""

    refresh: float = setting(4.0, help="redraws per second on a terminal", minimum=0.1, maximum=30)
    interval: float = setting(10.0, help="seconds between lines without a terminal", minimum=0)


@attrs.frozen
class TensorBoardConfig:
    """What TensorBoard gets."""

    videos: bool = setting(True, help="embed videos as GIFs beside the scalars")


@attrs.frozen
class VideoFilesConfig:
    """How videos are written."""

    zoom: int = setting(4, help="enlarge small frames up to this factor", minimum=1, maximum=16)
