"""Settings of YouTubeDriving; the defaults are what ContextWM was pre-trained on."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe.data.shards.config import PackedConfig


@attrs.frozen(kw_only=True)
class YoutubeDrivingConfig(PackedConfig):
    """Which frames make a video, and which videos a split."""

    skip: int = setting(
        99,
        help="frames left out where a video begins, with its titles; not of prepared ones",
        minimum=0,
        maximum=limits.STEPS,
    )
    every: int = setting(
        5,
        help="frames whose number it divides are kept; not of prepared ones",
        minimum=1,
        maximum=limits.STEPS,
    )
    source: str = setting(
        "auto",
        help="raw frames, those that the reference's script prepared, or what there is",
        choices=("auto", "raw", "prepared"),
    )
    held_out: tuple[str, ...] = setting(
        (), help="folders that are the val split; the published eleven by default"
    )
    train_list: str = setting(
        "", help="list file of the train split, rows of NAME FRAMES None; found by default"
    )
    val_list: str = setting("", help="list file of the val split; found by default")
