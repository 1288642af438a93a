"""What the DMC Remastered plugin offers."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The suite."""
    yield Component(
        "suite",
        "dmc_remastered",
        target="wmframe_dmc_remastered.suite:DmcRemasteredSuite",
        config="wmframe_dmc_remastered.config:DmcRemasteredConfig",
        summary="22 control tasks that look different in every episode (Grigsby and Qi 2020)",
        assets="wmframe_dmc_remastered.assets:install",
    )
