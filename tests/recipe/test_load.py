from __future__ import annotations

import subprocess
import sys

import attrs
import pytest

from wmframe.errors import UsageError
from wmframe.recipe import load_recipe
from wmframe.recipe.files import SHIPPED


def train(recipe):
    return dict(recipe.stages)["train"].config


def test_a_recipe_is_typed_and_has_defaults(folder):
    recipe = folder.load(folder.stage)
    assert (recipe.name, recipe.seed, recipe.device, recipe.threads) == ("recipe", 0, "auto", None)
    assert [t.use for t in recipe.trackers] == [
        "wmframe.jsonl",
        "wmframe.console",
        "wmframe.tensorboard",
    ]
    config = train(recipe)
    assert config.suite.settings() == {"task": "small-maze", "cameras": ()}
    assert config.agent.config.encoder.config.depth == 16
    assert config.agent.config.lr == 1e-4
    assert [part.use for part in config.watchers] == ["toybox.small"]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        config.updates = 3


def test_stages_keep_the_order_written(folder):
    text = "".join(folder.stage.replace(".train]", f".{name}]") for name in "zebra")
    recipe = folder.load(text + 'init = "stages.b"\n')
    assert [name for name, _ in recipe.stages] == list("zebra")


def test_layers_go_over_one_another(folder):
    folder.write("seed = 1\n[profiles.quick]\nseed = 10\nthreads = 3\n", "base/low.toml")
    folder.write('extends = "low.toml"\nseed = 2\nthreads = 1\n', "base/middle.toml")
    top = folder.write(
        f'extends = ["base/middle.toml"]\n{folder.stage}'
        "[profiles.quick]\nseed = 20\nstages.train.updates = 3\n"
    )
    plain = load_recipe(top)
    assert (plain.seed, plain.threads, train(plain).updates) == (2, 1, 10)
    quick = load_recipe(top, "quick")
    assert (quick.seed, quick.threads, train(quick).updates) == (20, 3, 3)
    assert quick.profiles == ("quick",)
    changed = load_recipe(top, "quick", ["seed=30", "stages.train.suite.task=large_maze"])
    assert (changed.seed, train(changed).suite.config.task) == (30, "large-maze")


def test_every_value_remembers_where_it_was_written(folder):
    folder.write("seed = 1\n", "base/low.toml")
    text = f'extends = "base/low.toml"\n{folder.stage}[profiles.quick]\nthreads = 2\n'
    recipe = folder.load(text, "quick", ("stages.train.updates=7",))
    assert recipe.origins == {
        "plugins.local": "recipe.toml:1",
        "seed": "base/low.toml:2",
        "stages.train.use": "recipe.toml:4",
        "stages.train.updates": "--set stages.train.updates=7",
        "stages.train.suite.use": "recipe.toml:6",
        "stages.train.suite.task": "recipe.toml:6",
        "threads": "recipe.toml:8 (profile quick)",
    }
    assert recipe.values["stages"]["train"]["updates"] == 7


def test_a_file_extended_twice_stays_below_what_extends_it(folder):
    folder.write("seed = 1\nthreads = 1\n", "common.toml")
    folder.write('extends = "common.toml"\nseed = 2\n', "a.toml")
    folder.write('extends = "common.toml"\nthreads = 2\n', "b.toml")
    recipe = folder.load(f'extends = ["a.toml", "b.toml"]\n{folder.stage}')
    assert (recipe.seed, recipe.threads) == (2, 2)


def test_a_new_component_drops_the_settings_of_the_old_one(folder):
    base = f"{folder.stage}agent.encoder = {{ use = 'toybox.small', depth = 3 }}\n"
    folder.write(base, "base.toml")
    text = (
        'extends = "base.toml"\n[profiles.wide.stages.train.agent]\n'
        'encoder = { use = "toybox.large", width = 9 }\n'
    )
    assert train(folder.load(text)).agent.config.encoder.config.depth == 3
    wide = train(folder.load(text, "wide")).agent.config.encoder
    assert (wide.use, wide.config.width) == ("toybox.large", 9)


def test_a_component_chosen_over_the_default_drops_the_default_ones_settings(folder):
    text = f"{folder.stage}agent.encoder.depth = 3\n"
    same = folder.load(text, overrides=("stages.train.agent.encoder.use=toybox.small",))
    assert train(same).agent.config.encoder.config.depth == 3
    other = folder.load(text, overrides=("stages.train.agent.encoder.use=toybox.large",))
    assert train(other).agent.config.encoder.config.width == 128


def test_local_plugins_are_relative_to_the_file_that_names_them(folder):
    source = "from wmframe.plugin import impl\n@impl\ndef wmframe_components():\n    return []\n"
    (folder.path / "base").mkdir()
    (folder.path / "base" / "empty_local_plugin.py").write_text(source)
    head = 'plugins.local = ["./empty_local_plugin.py"]\n'
    folder.write(head, "base/base.toml", plugin=False)
    file = folder.write(
        'extends = "base/base.toml"\n[stages.a]\nuse = "evaluate"\nsource = "runs/x"\n',
        plugin=False,
    )
    recipe = load_recipe(file)
    assert recipe.local == (folder.path / "base" / "empty_local_plugin.py",)


def test_a_stage_may_begin_with_an_earlier_one_a_path_or_a_published_checkpoint(folder):
    second = folder.stage.replace(".train]", ".tune]")
    for init in ("stages.train", "runs/x/train", "hf://owner/name"):
        recipe = folder.load(f'{folder.stage}{second}init = "{init}"\n')
        assert dict(recipe.stages)["tune"].config.init == init


def test_recipes_that_come_along_are_found_by_name(folder):
    file = next(file for place in SHIPPED for file in place.glob("*.toml"))
    assert load_recipe(file.stem).path == file
    assert load_recipe(f"recipes/{file.name}").path == file


def test_a_recipe_that_is_not_there_gets_a_suggestion(folder):
    folder.write(folder.stage, "drawer.toml")
    with pytest.raises(UsageError, match=r"did you mean 'drawer.toml'"):
        load_recipe("drawr.toml")


def test_checking_a_recipe_imports_no_torch(folder):
    file = folder.write(folder.stage)
    script = (
        "import sys; from wmframe.recipe import load_recipe, schema, dump_recipe\n"
        f"dump_recipe(load_recipe({str(file)!r})); schema()\n"
        "assert not {'torch', 'gymnasium', 'mujoco'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
