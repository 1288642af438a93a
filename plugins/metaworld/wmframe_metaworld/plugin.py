"""What the Meta-World plugin offers."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The suite."""
    yield Component(
        "suite",
        "metaworld",
        target="wmframe_metaworld.suite:MetaWorldSuite",
        config="wmframe_metaworld.config:MetaWorldConfig",
        summary="50 manipulation tasks of a Sawyer arm (Yu et al. 2019; Farama v3)",
    )
