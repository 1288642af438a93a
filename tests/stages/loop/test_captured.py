"""A run whose update and policy overwrite what they returned before, as replays do."""

from __future__ import annotations

import json

import torch

from wmframe.nn import precision
from wmframe.nn.trees import tree_map
from wmframe.stages.loop import learning
from wmframe.stages.run import run_recipe
from wmframe.training.capture import leaves
from wmframe.training.precision import update_in


class Seen:
    """Stands in for ``update_in`` and remembers the precisions asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, learner, device, precision):
        self.asked.append(precision)
        return update_in(learner, device, precision)


def overwriting(made):
    """Makes stand-ins for captured work that return the same tensors each time."""

    def make(work, learner, device, *, enabled, name):
        kept = []
        made.append((name, enabled))

        def call(*inputs):
            result = work(*inputs)
            if not kept:
                kept.append(tree_map(torch.clone, result))
            for old, new in zip(leaves(kept[0]), leaves(result), strict=True):
                old.copy_(new)
            return kept[0]

        return call

    return make


def test_results_that_are_overwritten_change_no_figure(recipe, tmp_path, losses, monkeypatch):
    plain = run_recipe(recipe, name="plain", runs=tmp_path).stages[0].folder
    made = []
    monkeypatch.setattr(learning, "captured", overwriting(made))
    again = run_recipe(recipe, name="again", runs=tmp_path).stages[0].folder
    assert losses(again) == losses(plain)
    assert made == [("the update", True), ("the policy", True)]


def test_the_recipe_decides_on_recording_and_precision(recipe, tmp_path, monkeypatch):
    made, seen = [], Seen()
    monkeypatch.setattr(learning, "captured", overwriting(made))
    monkeypatch.setattr(learning, "update_in", seen)
    settings = ("cuda_graphs=false", "precision=bfloat16", "stages.train.env_steps=144")
    run_recipe(recipe, overrides=settings, runs=tmp_path)
    assert made == [("the update", False), ("the policy", False)]
    assert seen.asked == ["bfloat16"]


def test_a_run_keeps_the_precision_that_it_was_begun_in(recipe, tmp_path, monkeypatch):
    first = ("stages.train.env_steps=144",)
    monkeypatch.setattr(precision, "default_precision", lambda device: "bfloat16")
    monkeypatch.setattr(learning, "update_in", seen := Seen())
    folder = run_recipe(recipe, overrides=first, runs=tmp_path).folder
    assert json.loads((folder / "lock.json").read_text())["precision"] == "bfloat16"
    monkeypatch.setattr(precision, "default_precision", lambda device: "float32")
    run_recipe(recipe, runs=tmp_path, allow_changes=True)
    assert seen.asked == ["bfloat16", "bfloat16"]
    run_recipe(recipe, name="new", overrides=first, runs=tmp_path)
    assert seen.asked[2:] == ["float32"]
