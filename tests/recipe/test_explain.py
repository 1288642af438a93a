from __future__ import annotations

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
