"""The components of the Gymnasium plugin."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The suite."""
    yield Component(
        "suite",
        "gymnasium",
        target="wmframe_gymnasium.suite:GymnasiumSuite",
        config="wmframe_gymnasium.config:GymnasiumConfig",
        summary="any environment with a Gymnasium id (Towers et al. 2024), or a class of one",
    )
