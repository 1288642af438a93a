from __future__ import annotations

import sys

import pytest

from wmframe.errors import UsageError
from wmframe.recipe import explain


@pytest.fixture
def recipe(folder):
    folder.write("stages.train.agent.lr = 1e-3\n", "base.toml")
    return folder.write(
        f'extends = "base.toml"\n{folder.stage}agent.lr = 1e-2\n'
        "[profiles.quick]\nstages.train.agent.lr = 1e-1\n"
    )


def test_each_layer_that_set_a_value_is_told(recipe):
    told = explain(recipe, "stages.train.agent.lr", "quick", ["stages.train.agent.lr=1"])
    assert told.value == 1.0
    assert told.history == (
        ("base.toml:2", 1e-3),
        ("recipe.toml:7", 1e-2),
        ("recipe.toml:9 (profile quick)", 1e-1),
        ("--set stages.train.agent.lr=1", 1),
    )
    text = str(told)
    assert text.startswith("stages.train.agent.lr = 1.0\n  --set stages.train.agent.lr=1: 1\n")
    for part in ("default: 0.0001", "type: a number", "allowed: at least 0.0", "learning rate"):
        assert part in text


@pytest.mark.parametrize(
    ("key", "value", "parts"),
    [
        ("seed", 0, ["this is the default", "type: an integer"]),
        ("threads", None, ["threads = unset", 'an integer or "none"']),
        ("stages.train.updates", 10, ["none: it has to be given", "recipe.toml:5: 10"]),
        ("stages.train.suite.task", "small-maze", ["small-maze, large-maze", '"small_maze"']),
        ("stages.train.agent.head.layers", 4, ["this is the default"]),
        ("stages.train.agent.encoder.use", "toybox.small", ["the name of a component"]),
        ("stages.train.agent.colour", None, ["unset"]),
    ],
)
def test_a_setting_is_explained(recipe, key, value, parts):
    told = explain(recipe, key)
    assert told.value == value
    assert all(part in str(told) for part in parts), str(told)


def test_a_component_is_explained_with_its_alternatives(recipe):
    text = str(explain(recipe, "stages.train.agent.encoder"))
    assert 'use = "toybox.small"' in text
    assert "toybox.bare, toybox.broken, toybox.large, toybox.small" in text
    assert "help: what sees" in text


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("stages.train.agent.lrr", "did you mean 'stages.train.agent.lr'"),
        ("stages.trian.agent", "did you mean 'stages.train'?"),
        ("sede", "did you mean 'seed'?"),
        ("seed.x", "it has no settings"),
        ("a..b", "write stages.NAME.SETTING"),
    ],
)
def test_an_unknown_key_gets_a_hint(recipe, key, hint):
    with pytest.raises(UsageError) as caught:
        explain(recipe, key)
    assert hint in caught.value.hint


NESTED = """
from collections.abc import Iterator

import attrs

from wmframe.config import Part, part, setting
from wmframe.plugin import Component, impl


@attrs.frozen
class Inner:
    hold: int = setting(0, help="first updates", minimum=0, maximum=1000)
    lr: float = setting(0.1, help="rate", minimum=0.0, maximum=1.0)


@attrs.frozen
class Dynamics:
    free: bool = setting(False, help="sees no actions")


@attrs.frozen
class Stage:
    inner: Inner = attrs.field(factory=lambda: Inner(hold=100))
    dynamics: Part = part("dynamics", {"use": "nested.rssm", "free": True}, help="the state")


@impl
def wmframe_components() -> Iterator[Component]:
    yield Component("stage", "nested", target="nested:Stage", config="nested:Stage")
    for name in ("rssm", "other"):
        yield Component("dynamics", f"nested.{name}", target="nested:D", config="nested:Dynamics")
"""


def test_the_default_is_what_holds_in_that_place(folder, monkeypatch):
    (folder.path / "nested.py").write_text(NESTED)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for text, key, value, default in [
        ("", "inner.hold", 100, "default: 100\n"),
        ("", "inner.lr", 0.1, "default: 0.1\n"),
        ("inner.hold = 7\n", "inner.hold", 7, "default: 100\n"),
        ("", "dynamics.free", True, "default: true\n"),
        ('dynamics.use = "nested.other"\n', "dynamics.free", False, "default: false\n"),
    ]:
        head = 'plugins.local = ["nested.py"]\n[stages.a]\nuse = "nested"\n'
        told = explain(folder.write(head + text, plugin=False), f"stages.a.{key}")
        assert told.value == value
        assert default in str(told), str(told)
        assert ("this is the default" in str(told)) == (not text or "use" in text)


def test_the_name_is_said_to_be_the_files(recipe):
    assert "default: the name of the recipe's file" in str(explain(recipe, "name"))
