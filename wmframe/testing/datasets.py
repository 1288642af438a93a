"""What every video dataset promises before its videos are there."""

from __future__ import annotations

import pickle

from wmframe.config import Part
from wmframe.testing.declaration import heavy_imports
from wmframe.testing.expect import expect


def check_dataset_part(part: Part) -> None:
    """Check that a dataset can go to worker processes and is called what recipes call it.

    Raises:
        ConformanceError: with what to change.
    """
    dataset, name = part.build(), part.component.name
    expect(dataset.name == name, f"{name}: its attribute name is {dataset.name!r}; make them equal")
    for needed in ("path", "weight", "damaged"):
        expect(hasattr(dataset, needed), f"{name} has no {needed}; call VideoDataset.__init__")
    copy = pickle.loads(pickle.dumps(dataset))
    expect(
        vars_of(copy) == vars_of(dataset), f"{name} is another after pickling; keep settings only"
    )
    module = part.component.target.partition(":")[0]
    torch = "torch" in heavy_imports(f"import {module}").split()
    expect(not torch, f"importing {module} imports torch; processes that decode have no use for it")


def vars_of(dataset: object) -> dict[str, str]:
    """A dataset's attributes as text, whether it has slots or a dict."""
    names = {*getattr(dataset, "__dict__", {}), *getattr(type(dataset), "__slots__", ())}
    return {name: repr(getattr(dataset, name, None)) for name in names if name != "__weakref__"}
