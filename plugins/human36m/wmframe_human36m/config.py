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
        help="val is S9 and S11; full: and train is everybody; sv: val is ContextWM's 19 videos",
        choices=("subjects", "full", "sv"),
    )
    subjects: tuple[int, ...] = setting(SUBJECTS, help="who is seen", choices=SUBJECTS)
    cameras: tuple[str, ...] = setting(
        CAMERAS, help="which views are taken; one is a single-view dataset", choices=CAMERAS
    )
    cropped: bool = setting(
        False, help="the frames were cropped around the person already; needs no annotations"
    )
