"""A one-file plugin with settings of every shape, for the tests of recipes."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import attrs

from wmframe.config import Part, part, parts, setting
from wmframe.plugin import Component, impl


class Colour(enum.Enum):
    RED = "red"


@attrs.frozen
class SmallConfig:
    depth: int = setting(16, help="channels of the first layer", minimum=1, maximum=64)
    act: Literal["elu", "relu"] = "elu"


@attrs.frozen
class LargeConfig:
    width: int = 128


@attrs.frozen
class HeadConfig:
    layers: int = 2
    units: int = 100
    dist: str = setting("mse", choices=("mse", "binary"))


@attrs.frozen
class AgentConfig:
    encoder: Part = part("encoder", "toybox.small", help="what sees")
    extra: Part | None = part("encoder", optional=True)
    wide: Part | None = part("encoder", {"use": "toybox.large", "width": 7}, optional=True)
    head: HeadConfig = attrs.field(factory=lambda: HeadConfig(layers=4, dist="binary"))
    lr: float = setting(1e-4, help="learning rate", minimum=0.0)
    clip: float | None = 100.0
    kernels: tuple[int, ...] = (4, 4)
    span: tuple[int, int] = (1, 2)
    loss_scales: Mapping[str, float] = attrs.field(factory=dict)
    heads: tuple[HeadConfig, ...] = ()
    size: int | str = 64
    path: Path | None = None
    colour: Colour | None = None
    layered: bool = True


@attrs.frozen
class MazeConfig:
    task: str = setting(
        help="the maze",
        choices=("small-maze", "large-maze"),
        normalize=lambda task: task.replace("_", "-"),
    )
    cameras: tuple[str, ...] = setting((), choices=("top", "side"))


@attrs.frozen(kw_only=True)
class TrainConfig:
    suite: Part = part("suite")
    agent: Part = part("agent", "toybox.agent")
    updates: int = setting(help="gradient steps", minimum=1)
    watchers: tuple[Part, ...] = parts("encoder", ("toybox.small",))
    init: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.updates == 13:
            raise ValueError("13 updates bring bad luck")


@impl
def wmframe_components():
    for kind, name, config in (
        ("stage", "train", "TrainConfig"),
        ("suite", "maze", "MazeConfig"),
        ("agent", "agent", "AgentConfig"),
        ("encoder", "small", "SmallConfig"),
        ("encoder", "large", "LargeConfig"),
        ("encoder", "broken", "NoSuchConfig"),
    ):
        target = f"toybox:{name}"
        yield Component(kind, f"toybox.{name}", target=target, config=f"toybox:{config}")
    yield Component("encoder", "toybox.bare", target="toybox:bare")
