"""Wrong recipes: one clear message each, with file:line and a hint, exit code 3 or 4."""

from __future__ import annotations

import pytest

from wmframe.errors import MissingPluginError, Problem, RecipeError
from wmframe.recipe import load_recipe

HEAD = """\
[stages.train]
use = "toybox.train"
suite = { use = "toybox.maze", task = "small-maze" }
"""  # lines 2 to 4, below the plugin's
OK = f"{HEAD}updates = 10\n"

# what is wrong: recipe, line, key, part of the message, part of the hint
WRONG = {
    "misspelt key": (
        f"{OK}agent.encoder.dept = 3\n",
        6,
        "stages.train.agent.encoder.dept",
        "toybox.small has no such setting",
        "did you mean 'depth'?",
    ),
    "misspelt key at the top": (
        f"sead = 1\n{OK}",
        2,
        "sead",
        "the recipe has no such setting",
        "did you mean 'seed'?",
    ),
    "float for an integer": (
        f"{HEAD}updates = 1.9\n",
        5,
        "stages.train.updates",
        "expected an integer, got 1.9",
        "at least 1",
    ),
    "string for an integer": (
        f'{HEAD}updates = "12"\n',
        5,
        "stages.train.updates",
        'expected an integer, got the string "12"',
        "at least 1",
    ),
    "boolean for an integer": (
        f"seed = true\n{OK}",
        2,
        "seed",
        "expected an integer, got true",
        "from 0 to",
    ),
    "array for a table": (
        f"{OK}agent = [1]\n",
        6,
        "stages.train.agent",
        "expected a table that names a component (agent), got an array",
        'write stages.train.agent = { use = "NAME" }',
    ),
    "table for an array": (
        f"trackers.use = 'jsonl'\n{OK}",
        2,
        "trackers",
        "expected an array of tables, got a table",
        'write trackers = [{ use = "NAME" }]',
    ),
    "unknown task": (
        OK.replace("small-maze", "large_mase"),
        4,
        "stages.train.suite.task",
        '"large-mase" is not allowed',
        "did you mean 'large-maze'",
    ),
    "choice in an array": (
        OK.replace('"small-maze"', '"small-maze", cameras = ["top", "sid"]'),
        4,
        "stages.train.suite.cameras",
        'the string "sid" is not allowed',
        "did you mean 'side'? (allowed: top, side)",
    ),
    "unknown literal": (
        f'{OK}agent.encoder.act = "gelu"\n',
        6,
        "stages.train.agent.encoder.act",
        'the string "gelu" is not allowed',
        "(allowed: elu, relu)",
    ),
    "out of range": (
        f"{OK}\n\nagent.encoder.depth = 65\n",
        8,
        "stages.train.agent.encoder.depth",
        "65 is out of range",
        "from 1 to 64",
    ),
    "missing setting": (
        HEAD,
        2,
        "stages.train.updates",
        "needs this setting",
        "add updates = ... (gradient steps; at least 1)",
    ),
    "missing component": (
        '[stages.train]\nuse = "toybox.train"\nupdates = 3\n',
        2,
        "stages.train.suite",
        "no component of kind suite is chosen",
        "toybox.maze",
    ),
    "a config's own check": (
        f"{HEAD}updates = 13\n",
        2,
        "stages.train",
        "bad luck",
        "wmframe describe toybox.train",
    ),
    "init of a later stage": (
        f'{OK}init = "stages.later"\n{HEAD.replace("train]", "later]")}updates = 1\n',
        6,
        "stages.train.init",
        '"later" is not an earlier stage',
        "give a path",
    ),
    "init of a misspelt stage": (
        f'{OK}{HEAD.replace("train]", "tune]")}updates = 1\ninit = "stages.trian"\n',
        10,
        "stages.tune.init",
        '"trian" is not an earlier stage',
        "did you mean 'stages.train'?",
    ),
    "init without stages.": (
        f'{OK}{HEAD.replace("train]", "tune]")}updates = 1\ninit = "train"\n',
        10,
        "stages.tune.init",
        '"train" is not a path',
        'write "stages.train"',
    ),
    "no stages": ("seed = 1\n", 1, "stages", "needs a table of stages", "[stages.NAME]"),
    "stage that is no folder": (
        OK.replace("stages.train", 'stages."../x"'),
        2,
        'stages."../x"',
        "cannot be a stage's name",
        "letters, digits",
    ),
    "unknown device": (
        f'device = "gpu"\n{OK}',
        2,
        "device",
        'no device "gpu"',
        "allowed: auto, cpu",
    ),
    "syntax": (f"{OK}agent = {{ use = x }}\n", 6, "", "not valid TOML", "https://toml.io"),
    "key given twice": (f"{OK}updates = 3\n", 6, "", "not valid TOML", "https://toml.io"),
    "extends of no file": (
        f'extends = "bas.toml"\n{OK}',
        2,
        "extends",
        'there is no recipe "bas.toml"',
        "did you mean 'base.toml'",
    ),
    "extends of another type": (f"extends = 3\n{OK}", 2, "extends", "expected a file", "base/"),
    "local plugins of another type": (
        f"plugins.locals = 3\n{OK}",
        2,
        "plugins.locals",
        "no such setting",
        "did you mean 'local'?",
    ),
}

MISSING = {
    "unknown component": (
        f'{OK}agent.encoder.use = "toybox.smal"\n',
        6,
        "stages.train.agent.encoder.use",
        "there is no encoder 'toybox.smal'",
        "did you mean 'toybox.small'",
    ),
    "component of another kind": (
        f'{OK}agent.use = "toybox.maze"\n',
        6,
        "stages.train.agent.use",
        "toybox.maze is of kind suite",
        "toybox.agent",
    ),
    "missing plugin": (
        f'{OK}agent.use = "acme.agent"\n',
        6,
        "stages.train.agent.use",
        "no plugin 'acme' is installed",
        "install the package that brings plugin 'acme'",
    ),
    "missing plugin of a tracker": (
        f'trackers = [{{ use = "jsonl" }}, {{ use = "acme" }}]\n{OK}',
        2,
        "trackers[1].use",
        "there is no tracker 'acme'",
        "wmframe.jsonl",
    ),
}


def check(error: RecipeError, line: int, key: str, message: str, hint: str) -> None:
    (problem,) = error.problems
    assert (problem.where, problem.key) == (f"recipe.toml:{line}", key)
    assert message in problem.message
    assert hint in problem.hint
    assert str(error).startswith(f"recipe.toml:{line}: ")


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_recipe_gets_one_clear_message(folder, fault):
    text, *expected = WRONG[fault]
    folder.write("", "base.toml")
    with pytest.raises(RecipeError) as caught:
        folder.load(text)
    check(caught.value, *expected)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("fault", MISSING)
def test_what_is_not_installed_gets_one_clear_message(folder, fault):
    text, *expected = MISSING[fault]
    with pytest.raises(MissingPluginError) as caught:
        folder.load(text)
    check(caught.value, *expected)
    assert caught.value.exit_code == 4


def test_every_fault_of_a_recipe_is_listed(folder):
    text = (
        f'{HEAD}updates = 1.5\nagent.encoder.dept = 3\nagent.lr = -1\nagent.extra.use = "acme.x"\n'
        'watchers = [{ use = "toybox.small", depth = 0 }, { use = "toybox.large", width = "9" }]\n'
    )
    with pytest.raises(RecipeError) as caught:
        folder.load("sead = 1\n" + text, overrides=("stages.train.agent.head.units=many",))
    assert {(p.where, p.key) for p in caught.value.problems} == {
        ("recipe.toml:2", "sead"),
        ("recipe.toml:6", "stages.train.updates"),
        ("recipe.toml:7", "stages.train.agent.encoder.dept"),
        ("recipe.toml:8", "stages.train.agent.lr"),
        ("recipe.toml:9", "stages.train.agent.extra.use"),
        ("recipe.toml:10", "stages.train.watchers[0].depth"),
        ("recipe.toml:10", "stages.train.watchers[1].width"),
        ("--set stages.train.agent.head.units=many", "stages.train.agent.head.units"),
    }
    assert all(p.hint for p in caught.value.problems)
    assert not isinstance(caught.value, MissingPluginError)


def test_a_circle_of_recipes_is_shown(folder):
    folder.write('extends = "c.toml"\n', "b.toml")
    folder.write('extends = ["recipe.toml"]\n', "c.toml")
    with pytest.raises(RecipeError) as caught:
        folder.load(f'extends = "b.toml"\n{OK}')
    (problem,) = caught.value.problems
    assert (problem.where, problem.key) == ("c.toml:2", "extends")
    assert "recipe.toml -> b.toml -> c.toml -> recipe.toml" in problem.message
    assert problem.hint


def test_an_unknown_profile_gets_a_suggestion(folder):
    with pytest.raises(RecipeError) as caught:
        folder.load(f"{OK}[profiles.quick]\nseed = 1\n[profiles.cpu]\n", "quik")
    (problem,) = caught.value.problems
    assert problem == Problem(
        "recipe.toml:6", "profiles", 'there is no profile "quik"', "did you mean 'quick'?"
    )
    with pytest.raises(RecipeError, match=r"hint: add a table \[profiles.NAME\]"):
        folder.load(OK, "quick")


def test_a_profile_cannot_extend_another_file(folder):
    with pytest.raises(RecipeError, match=r"recipe.toml:7: profiles.quick.extends: only files"):
        folder.load(f'{OK}[profiles.quick]\nextends = "x.toml"\n')
    with pytest.raises(RecipeError, match=r"recipe.toml:7: profiles.quick: expected a table"):
        folder.load(f"{OK}[profiles]\nquick = 3\n")
    with pytest.raises(RecipeError, match=r"recipe.toml:2: profiles: expected a table"):
        folder.load(f"profiles = 3\n{OK}")


def test_a_local_plugin_that_is_not_there_is_missing(folder):
    file = folder.write(f'plugins.local = ["./plugn.py"]\n{OK}', plugin=False)
    (folder.path / "plugin.py").touch()
    with pytest.raises(MissingPluginError) as caught:
        load_recipe(file)
    check(caught.value, 1, "plugins.local[0]", "there is no file ./plugn.py", "mean './plugin.py'")


def test_a_file_that_is_not_text_is_named(folder):
    file = folder.path / "recipe.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(RecipeError, match=r"recipe.toml: cannot be read"):
        load_recipe(file)
