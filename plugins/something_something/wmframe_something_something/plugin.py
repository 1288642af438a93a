"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl


@impl
def wmframe_components() -> Iterator[Component]:
    """The dataset."""
    yield Component(
        "dataset",
        "something_something",
        target="wmframe_something_something.dataset:SomethingSomething",
        config="wmframe_something_something.config:SomethingSomethingConfig",
        summary="Something-Something V2: short videos of hands that do something with something",
    )
