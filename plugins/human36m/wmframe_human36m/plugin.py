"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The dataset."""
    yield Component(
        "dataset",
        "human36m",
        target="wmframe_human36m.dataset:Human36M",
        config="wmframe_human36m.config:Human36MConfig",
        summary="Human3.6M: people in a studio, cropped around their joints (Pavlakos's frames)",
    )
