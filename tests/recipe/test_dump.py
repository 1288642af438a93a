from __future__ import annotations

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wmframe.errors import RecipeError
from wmframe.recipe import differences, dump_recipe, fingerprint, load_recipe, resolved

NUMBERS = st.floats(0, 1e6) | st.integers(0, 100)
WORDS = st.text("ab c'\"\\\n#=é", min_size=1, max_size=6)
AGENTS = st.fixed_dictionaries(
    {},
    optional={
        "lr": NUMBERS,
        "clip": NUMBERS | st.just("none"),
        "kernels": st.lists(st.integers(-3, 9), max_size=3),
        "loss_scales": st.dictionaries(WORDS, NUMBERS, max_size=3),
        "heads": st.lists(st.fixed_dictionaries({"units": st.integers(1, 9)}), max_size=2),
        "head": st.fixed_dictionaries({}, optional={"units": st.integers(1, 9)}),
        "path": WORDS,
        "size": WORDS | st.integers(1, 9),
        "extra": st.sampled_from([{"use": "toybox.bare"}, {"use": "toybox.large", "width": 3}]),
        "wide": st.sampled_from([{"use": "none"}, {"width": 3}, {"use": "toybox.bare"}]),
        "encoder": st.sampled_from([{"depth": 3}, {"use": "toybox.large"}]),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(AGENTS, st.integers(0, 2**62))
def test_a_resolved_recipe_loads_as_the_same_recipe(folder, agent, seed):
    from wmframe.recipe.toml import toml_value

    agent = f"agent = {toml_value(agent)}\nseed = {seed}\n".split("\n")
    recipe = folder.load(f"{agent[1]}\n{folder.stage}{agent[0]}\n")
    copy = load_recipe(folder.write(dump_recipe(recipe), "resolved.toml", plugin=False))
    assert (copy.stages, copy.seed, copy.name, copy.local, copy.trackers) == (
        recipe.stages,
        recipe.seed,
        recipe.name,
        recipe.local,
        recipe.trackers,
    )
    assert resolved(copy) == resolved(recipe) == tomllib.loads(dump_recipe(recipe))
    assert fingerprint(copy) == fingerprint(recipe)


def test_a_profile_and_overrides_are_spelled_out(folder):
    text = f"{folder.stage}[profiles.quick]\nthreads = 2\n"
    recipe = folder.load(text, "quick", ("stages.train.agent.clip=none",))
    values = tomllib.loads(dump_recipe(recipe))
    assert values["threads"] == 2
    assert values["stages"]["train"]["agent"]["clip"] == "none"
    assert values["stages"]["train"]["agent"]["encoder"] == {
        "use": "toybox.small",
        "depth": 16,
        "act": "elu",
    }
    assert not {"profiles", "extends"} & set(values)


def test_the_fingerprint_tells_runs_apart(folder):
    text = folder.stage + folder.stage.replace(".train]", ".tune]")
    first = fingerprint(folder.load(text))
    assert fingerprint(folder.load(f"description = 'x'\ntrackers = []\n{text}")) == first
    assert fingerprint(folder.load(text, overrides=("stages.tune.updates=10",))) == first
    assert fingerprint(folder.load(text, overrides=("stages.tune.updates=11",))) != first
    swapped = folder.stage.replace(".train]", ".tune]") + folder.stage
    assert fingerprint(folder.load(swapped)) != first


def test_differences_name_each_setting_that_changed(folder):
    recipe = folder.load(folder.stage)
    file = folder.write(dump_recipe(recipe), "resolved.toml", plugin=False)
    assert differences(file, recipe) == []
    changed = folder.load(
        f"name = 'other'\ntrackers = []\n{folder.stage}",
        overrides=("stages.train.updates=11", "threads=2", "stages.train.agent.path=x y"),
    )
    assert differences(file, changed) == [
        "stages.train.updates: 10 -> 11",
        'stages.train.agent.path: "none" -> "x y"',
        "threads: (unset) -> 2",
    ]


def test_a_damaged_resolved_recipe_is_named(folder):
    file = folder.write("[stages", "resolved.toml", plugin=False)
    with pytest.raises(RecipeError, match=r"resolved.toml:1: not valid TOML"):
        differences(file, folder.load(folder.stage))
