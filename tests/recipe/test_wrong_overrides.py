"""Wrong settings from the command line: the message names the ``--set``."""

from __future__ import annotations

import pytest

from wmframe.errors import RecipeError

OK = """\
[stages.train]
use = "toybox.train"
suite = { use = "toybox.maze", task = "small-maze" }
updates = 10
"""  # lines 2 to 5, below the plugin's
UNLUCKY = OK.replace("10", "13")


@pytest.mark.parametrize(
    ("override", "key", "hint"),
    [
        ("stages.train.updats=3", "stages.train.updats", "did you mean 'updates'?"),
        ("stages.trian.updates=3", "stages.trian", "did you mean 'train'?"),
        ("stage.train.updates=3", "stage", "did you mean 'stages'?"),
        ("stages.train.updates.x=3", "stages.train.updates", "at least 1"),
        ("extends=base.toml", "extends", "top of a recipe's file"),
    ],
)
def test_an_override_of_no_setting_is_refused(folder, override, key, hint):
    with pytest.raises(RecipeError) as caught:
        folder.load(OK, overrides=(override,))
    (problem,) = caught.value.problems
    assert (problem.where, problem.key) == (f"--set {override}", key)
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("text", "overrides", "where"),
    [
        (UNLUCKY, (), "recipe.toml:2"),
        (OK, ("stages.train.updates=13",), "--set stages.train.updates=13 over recipe.toml:2"),
    ],
)
def test_a_config_that_is_refused_as_a_whole_names_what_was_set(folder, text, overrides, where):
    with pytest.raises(RecipeError) as caught:
        folder.load(text, overrides=overrides)
    (problem,) = caught.value.problems
    assert (problem.where, problem.key) == (where, "stages.train")
    assert "bad luck" in problem.message
