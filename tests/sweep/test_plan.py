"""Keys in full, and every cell checked before one starts."""

from __future__ import annotations

import pytest

from wmframe.errors import MissingPluginError, RecipeError, UsageError
from wmframe.recipe import dump_recipe, load_recipe
from wmframe.sweep.plan import plan_sweep

TASK = "stages.train.suite.task"


@pytest.fixture
def plan(recipe, sweeps):
    return lambda **options: plan_sweep(recipe, sweeps=sweeps, **options)


def test_the_end_of_a_key_will_do_where_only_one_ends_so(plan):
    found = plan(settings=["task=low,high", "suite.use=climbing.hill", "gain=3"])
    assert [cell.settings for cell, _ in found.cells] == [((TASK, "low"),), ((TASK, "high"),)]
    assert {recipe.stages[0][1].config.gain for _, recipe in found.cells} == {3.0}
    assert [r.stages[0][1].config.suite.config.task for _, r in found.cells] == ["low", "high"]


def test_a_key_of_a_component_that_an_override_chooses_is_found(plan):
    with pytest.raises(RecipeError, match="no key of the recipe ends in episodes"):
        plan(settings=["episodes=1,2"])
    judge = 'stages.judge={use="evaluate", source="stages.train"}'
    (cell, _), _ = plan(settings=["episodes=1..2", judge]).cells
    assert cell.settings == (("stages.judge.episodes", "1"),)


def test_a_setting_that_the_recipe_leaves_to_the_grid_is_given_in_full(plan, recipe):
    recipe.write_text(recipe.read_text().replace(', task = "low"', ""))
    with pytest.raises(RecipeError, match=r"written in full[^~]*suite\.task: climbing\.hill needs"):
        plan(settings=["task=low,high"])
    assert len(plan(settings=[f"{TASK}=low,high"]).cells) == 2


def test_every_wrong_key_is_named_with_what_was_meant(plan):
    with pytest.raises(RecipeError) as caught:
        plan(settings=["tsk=low,high", "use=a,b", "gian=2"])
    tsk, use, gian = (
        next(p for p in caught.value.problems if word in p.where)
        for word in ("--set tsk", "--set use", "--set gian")
    )
    assert TASK in tsk.hint
    assert use.message == "several keys end in use"
    assert "stages.train.suite.use" in use.hint
    assert "stages.train.use" in use.hint
    assert "stages.train.gain" in gian.hint


def test_the_faults_of_all_cells_are_shown_at_once_and_each_once(plan):
    with pytest.raises(RecipeError) as caught:
        plan(seeds="0..3", settings=["task=low,hihg,tall", "steps=1,0"])
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 3
    assert all(
        problem.where.startswith(("--set task", "--set steps")) for problem in caught.value.problems
    )
    assert "did you mean 'high'" in str(caught.value)
    assert "0 is out of range" in str(caught.value)


def test_a_component_that_is_not_installed_is_missing(plan):
    with pytest.raises(MissingPluginError, match="elsewhere"):
        plan(settings=["suite.use=elsewhere.hill,elsewhere.valley"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one cell"),
        ({"settings": ["gain=2"]}, "one cell"),
        ({"seeds": "0..1", "settings": ["seed=3,4"]}, "given twice"),
        ({"settings": ["task=low,high", f"{TASK}=low"]}, "given twice"),
        ({"seeds": "0..1", "settings": ["gain"]}, "equals sign"),
    ],
)
def test_options_at_odds_are_refused(plan, options, message):
    with pytest.raises(UsageError, match=message):
        plan(**options)


def test_the_folder_is_named_after_the_recipe_and_the_profile(plan, sweeps):
    assert plan(seeds="0").folder == sweeps / "toy"
    assert plan(seeds="0", profile="slow").folder == sweeps / "toy-slow"
    assert plan(seeds="0", name="mine").folder == sweeps / "mine"


def test_cells_run_from_recipes_of_their_own_that_say_the_same(plan):
    found = plan(seeds="2,3", settings=["gain=1,2"], profile="slow")
    found.make_folders()
    found.write_recipes()
    for cell, recipe in found.cells:
        own = load_recipe(found.recipe_file(cell.name))
        assert own.name == cell.name
        assert (own.seed, own.stages) == (recipe.seed, recipe.stages)


def test_cells_that_were_begun_with_other_settings_are_refused(plan):
    found = plan(seeds="0..1")
    for cell, recipe in found.cells:
        found.run_folder(cell.name).mkdir(parents=True)
        (found.run_folder(cell.name) / "resolved.toml").write_text(dump_recipe(recipe))
    plan(seeds="0..2")  # more of the same
    with pytest.raises(UsageError, match=r"seed-0 was begun [^~]*gain: 1\.0 -> 2\.0"):
        plan(seeds="0..1", settings=["gain=2"])
