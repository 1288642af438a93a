"""What the DeepMind Control plugin offers."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The suite."""
    yield Component(
        "suite",
        "dmc",
        target="wmframe_dmc.suite:DmcSuite",
        config="wmframe_dmc.config:DmcConfig",
        summary="51 continuous control tasks (Tassa et al. 2018)",
    )
