"""What every video dataset promises: before its videos are there, and of what is packed."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from pathlib import Path

from wmframe.config import Part
from wmframe.recipe.toml import toml_document
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
    again = json.dumps(dict(part.build().identity()), default=str)
    same = json.dumps(dict(dataset.identity()), default=str) == again
    expect(same, f"{name}.identity() differs between two with one config; give settings alone")
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


def check_learning(
    dataset: str, shards: Path, folder: Path, length: int = 4
) -> Mapping[str, float]:
    """Check that a small model learns from packed shards, in the stage ``pretrain``.

    Args:
        dataset: the component's name.
        shards: what was packed into, ``train`` and ``val``; small frames (16 pixels) are quick.
        folder: gets the run.
        length: frames a clip; some videos have as many.

    Returns:
        the stage's figures.

    Raises:
        ConformanceError: its loss does not fall, or held-out videos were not evaluated.
    """
    from wmframe.report.records import read_lines
    from wmframe.stages.run import run_recipe

    folder.mkdir(parents=True, exist_ok=True)
    recipe = folder / "learning.toml"
    recipe.write_text(toml_document(_recipe(dataset, shards, length)))
    stage = run_recipe(recipe, name="learning", runs=folder / "runs").stages[0]
    records = list(read_lines(stage.folder / "metrics.jsonl"))
    losses = [r["train/image_loss"] for r in records if "train/image_loss" in r]
    expect(losses[-1] < losses[0], f"{dataset}: a model does not learn from its shards: {losses}")
    expect("heldout/image_loss" in stage.figures, f"{dataset}: its val split was not evaluated")
    return stage.figures


def _recipe(dataset: str, shards: Path, length: int) -> dict[str, object]:
    from wmframe.data.shards import ShardSet
    from wmframe.testing import linear

    size = ShardSet(shards / "train").size
    stage = {
        "use": "pretrain",
        "agent": {"use": "linear", "width": 16, "lr": 2.56 / size**2},
        "videos": [{"use": dataset, "path": str(shards)}],
        "updates": 20,
        "batch": 4,
        "length": length,
        "size": size,
        "workers": 0,
        "log_every": 5,
        "evaluation": {"every": 10, "batches": 1, "observed": 1},
        "checkpoint": {"every": 20},
    }
    plugins, trackers = {"local": [str(linear.__file__)]}, ["wmframe.jsonl"]
    head = {"name": "learning", "device": "cpu", "plugins": plugins}
    return {**head, "trackers": [{"use": use} for use in trackers], "stages": {"pretrain": stage}}
