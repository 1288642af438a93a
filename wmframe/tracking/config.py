"""Settings of the trackers that come with wmframe."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting


@attrs.frozen
class JsonlConfig:
    """``metrics.jsonl`` has no settings."""


@attrs.frozen
class ConsoleConfig:
    """Settings of the terminal view."""

    refresh: float = setting(4.0, help="redraws per second on a terminal", minimum=0.1, maximum=30)
    interval: float = setting(
        10.0, help="seconds between lines without a terminal", minimum=0, maximum=limits.SECONDS
    )


@attrs.frozen
class TensorboardConfig:
    """Settings of TensorBoard."""

    videos: bool = setting(True, help="embed videos as GIFs next to the scalars")
