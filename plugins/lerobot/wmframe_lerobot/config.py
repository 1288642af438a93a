"""Settings of LeRobot datasets."""

from __future__ import annotations

from typing import Literal

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe.data.shards.config import PackedConfig

Terminal = Literal["success", "done", "never"]


@attrs.frozen(kw_only=True)
class LeRobotConfig(PackedConfig):
    """Which cameras are packed, and which episodes are held out."""

    camera: str = setting(
        "", help="whose videos; empty: the first in meta/info.json, all: each is a video"
    )
    held_out: float = setting(
        0.1,
        help="part of the episodes that is the val split where the dataset names none, by a hash",
        minimum=0.0,
        maximum=1.0,
    )


@attrs.frozen
class ReplayStageConfig:
    """What becomes a row of the replay."""

    root: str = setting(help="folder of the dataset, which has meta, data and videos in it")
    camera: str = setting("", help="what becomes the image; empty: the first in meta/info.json")
    size: int = setting(64, help="side of the image in pixels", minimum=8, maximum=limits.SIDE)
    action: str = setting("action", help="the feature that is the action")
    action_low: tuple[float, ...] = setting(
        (),
        help="what becomes -1: one number, or one an entry; empty: the least of the dataset",
        minimum=-limits.MAGNITUDE,
        maximum=limits.MAGNITUDE,
    )
    action_high: tuple[float, ...] = setting(
        (),
        help="what becomes 1: one number, or one an entry; empty: the largest of the dataset",
        minimum=-limits.MAGNITUDE,
        maximum=limits.MAGNITUDE,
    )
    terminal: Terminal = setting(
        "success",
        help="which ends are true ones: where next.success, where next.done, or none",
        choices=("success", "done", "never"),
    )
    damaged: str = setting(
        "refuse",
        help="episodes that cannot be read: stop, or skip them",
        choices=("refuse", "skip"),
    )
