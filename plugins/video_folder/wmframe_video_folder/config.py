"""Settings of a folder of videos."""

from __future__ import annotations

import attrs

from wmframe.config import setting
from wmframe.data.shards.config import PackedConfig


@attrs.frozen(kw_only=True)
class VideoFolderConfig(PackedConfig):
    """How a folder's videos are divided; the rest is found by looking."""

    held_out: float = setting(
        0.1, help="part of the videos that is the val split, by a hash", minimum=0.0, maximum=1.0
    )
