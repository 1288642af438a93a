"""Settings of Human3.6M."""

from __future__ import annotations

import attrs

from wmframe.config import setting
from wmframe.data.shards.config import PackedConfig
from wmframe_human36m.titles import CAMERAS, SUBJECTS, Division


@attrs.frozen(kw_only=True)
class Human36MConfig(PackedConfig):
    """Which videos are packed, and whether that crops them."""

    division: Division = setting(
        "subjects",
        help="val is S9 and S11; full: train is all subjects; sv: val is ContextWM's 19 videos",
        choices=("subjects", "full", "sv"),
    )
    subjects: tuple[int, ...] = setting(SUBJECTS, help="the subjects", choices=SUBJECTS)
    cameras: tuple[str, ...] = setting(
        CAMERAS, help="the cameras; one gives a single-view dataset", choices=CAMERAS
    )
    cropped: bool = setting(
        False, help="the frames are already cropped around the person; needs no annotations"
    )
