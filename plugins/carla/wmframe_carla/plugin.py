"""The components of the CARLA plugin."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The suite."""
    yield Component(
        "suite",
        "carla",
        target="wmframe_carla.suite:CarlaSuite",
        config="wmframe_carla.config:CarlaConfig",
        summary="follow a highway in CARLA, in any weather (Dosovitskiy et al. 2017)",
        doctor="wmframe_carla.doctor:check",
    )
