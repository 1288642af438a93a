"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The dataset."""
    yield Component(
        "dataset",
        "video_folder",
        target="wmframe_video_folder.dataset:VideoFolder",
        config="wmframe_video_folder.config:VideoFolderConfig",
        summary="any folder of video files, or of folders of frame images",
    )
