"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The dataset."""
    yield Component(
        "dataset",
        "rlbench",
        target="wmframe_rlbench.dataset:RLBench",
        config="wmframe_rlbench.config:RLBenchConfig",
        summary="a robot arm at RLBench's tasks: the episodes that APV was pre-trained on",
    )
