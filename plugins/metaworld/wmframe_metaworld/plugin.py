"""The components of the Meta-World plugin."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The suite, and videos of experts in it."""
    yield Component(
        "suite",
        "metaworld",
        target="wmframe_metaworld.suite:MetaWorldSuite",
        config="wmframe_metaworld.config:MetaWorldConfig",
        summary="50 manipulation tasks of a Sawyer arm (Yu et al. 2019; Farama v3)",
    )
    yield Component(
        "dataset",
        "metaworld.demonstrations",
        target="wmframe_metaworld.demonstrations:Demonstrations",
        config="wmframe_metaworld.config:DemonstrationsConfig",
        summary="videos of Meta-World's scripted experts, rendered on first use",
    )
