"""The components of the LeRobot plugin."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The dataset, and a stage that fills a replay from it."""
    yield Component(
        "dataset",
        "lerobot",
        target="wmframe_lerobot.dataset:LeRobot",
        config="wmframe_lerobot.config:LeRobotConfig",
        summary="cameras of a LeRobot dataset, v2.0 to v3.0, in a folder",
    )
    yield Component(
        "stage",
        "lerobot.replay",
        target="wmframe_lerobot.stage:ReplayStage",
        config="wmframe_lerobot.config:ReplayStageConfig",
        summary="fill a replay with the episodes of a LeRobot dataset",
    )
