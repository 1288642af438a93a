"""What the Atari plugin offers."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The suite."""
    yield Component(
        "suite",
        "atari",
        target="wmframe_atari.suite:AtariSuite",
        config="wmframe_atari.config:AtariConfig",
        summary="104 Atari 2600 games with sticky actions (Machado et al. 2018)",
    )
