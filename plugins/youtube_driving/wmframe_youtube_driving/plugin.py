"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The dataset."""
    yield Component(
        "dataset",
        "youtube_driving",
        target="wmframe_youtube_driving.dataset:YoutubeDriving",
        config="wmframe_youtube_driving.config:YoutubeDrivingConfig",
        summary="YouTubeDriving: long videos from behind windscreens all over the world",
    )
