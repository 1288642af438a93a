"""Settings of Something-Something V2."""

from __future__ import annotations

import attrs

from wmframe.config import setting
from wmframe.data.shards.config import PackedConfig


@attrs.frozen(kw_only=True)
class SomethingSomethingConfig(PackedConfig):
    """Which videos are packed, and from which files."""

    labels: tuple[int | str, ...] = setting(
        (),
        help="take only these labels, by name or number (0 to 173); all by default",
        minimum=0,
        maximum=173,
    )
    source: str = setting(
        "auto",
        help="videos, frames that were extracted from them, or frames where there is no video",
        choices=("auto", "videos", "frames"),
    )
    train_list: str = setting(
        "", help="list file of the train split, rows of ID FRAMES LABEL; found by default"
    )
    val_list: str = setting("", help="list file of the val split; found by default")
