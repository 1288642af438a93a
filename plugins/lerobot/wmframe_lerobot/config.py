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
    """Selection of cameras and held-out episodes."""

    camera: str = setting(
        "", help="the camera; empty: the first in meta/info.json, all: each is a video"
    )
    held_out: float = setting(
        0.1,
        help="fraction of episodes in the val split if the dataset names none, by a hash",
        minimum=0.0,
        maximum=1.0,
    )


@attrs.frozen
class ReplayStageConfig:
    """Settings of the replay's rows."""

    root: str = setting(help="folder of the dataset, which contains meta, data and videos")
    camera: str = setting("", help="the camera of the image; empty: the first in meta/info.json")
    size: int = setting(64, help="side of the image in pixels", minimum=8, maximum=limits.SIDE)
    action: str = setting("action", help="the feature with the action")
    action_low: tuple[float, ...] = setting(
        (),
        help="action mapped to -1: one number, or one per entry; empty: the dataset's minimum",
        minimum=-limits.MAGNITUDE,
        maximum=limits.MAGNITUDE,
    )
    action_high: tuple[float, ...] = setting(
        (),
        help="action mapped to 1: one number, or one per entry; empty: the dataset's maximum",
        minimum=-limits.MAGNITUDE,
        maximum=limits.MAGNITUDE,
    )
    terminal: Terminal = setting(
        "success",
        help="which ends are terminal: where next.success, where next.done, or none",
        choices=("success", "done", "never"),
    )
    damaged: str = setting(
        "refuse",
        help="episodes that cannot be read: stop, or skip them",
        choices=("refuse", "skip"),
    )
