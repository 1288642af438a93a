"""The run of a stranger executes nothing of its own before that is agreed to."""

from __future__ import annotations

import shutil
import tomllib

import pytest

import wmframe
from wmframe.cli import main
from wmframe.errors import MissingError, UsageError
from wmframe.recipe import load_recipe
from wmframe.recipe.toml import toml_document
from wmframe.stages.evaluation.imagine import imagine_run
from wmframe.stages.evaluation.loading import load_trained
from wmframe.stages.run import run_recipe

WITHOUT = shutil.ignore_patterns("replay")


@pytest.fixture
def run(recipe, tmp_path):
    return run_recipe(recipe, name="toy", runs=tmp_path).folder


@pytest.fixture
def marked(run, request):
    """A run whose local plugin leaves a file when it is executed, and that file."""
    name = f"stranger_{abs(hash(request.node.name))}"
    marker = run.parent / "executed"
    (run / f"{name}.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    path = run / "resolved.toml"
    values = tomllib.loads(path.read_text())
    values["plugins"]["local"].append(f"./{name}.py")
    path.write_text(toml_document(values))
    return run, marker


def test_local_plugins_of_a_run_are_named_and_not_executed(marked):
    run, marker = marked
    for place in (run, run / "train"):
        for use in (wmframe.load, load_trained, imagine_run):
            with pytest.raises(UsageError, match=r"stranger_\d+\.py \(plugins\.local\)") as found:
                use(place)
            assert "--trust" in found.value.hint
            assert not marker.exists()


def test_the_commands_ask_first(marked, capsys):
    run, marker = marked
    for command in ("evaluate", "imagine"):
        with pytest.raises(SystemExit) as end:
            main([command, str(run)])
        assert end.value.code == 2
        assert "plugins.local" in capsys.readouterr().err
        assert not marker.exists()


def test_what_is_trusted_is_executed(marked):
    run, marker = marked
    assert wmframe.load(run, trust=True).counters.env_steps == 480
    assert marker.exists()
    wmframe.load(run)  # nothing is left to execute


CODE = """
device = "cpu"

[stages.train]
use = "online"
env_steps = 400
agent = {{ use = "dreamerv2.agent" }}
suite = {{ use = "gymnasium", {} }}
"""


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ('id = "subprocess:Popen", kwargs = { args = "true" }', "subprocess:Popen"),
        ('id = "CartPole-v1", wrappers = ["os:remove"]', "os:remove"),
    ],
)
def test_settings_that_name_modules_are_code_too(tmp_path, settings, named):
    path = tmp_path / "resolved.toml"
    path.write_text(CODE.format(settings))
    load_recipe(path)
    with pytest.raises(UsageError, match=rf"{named} \(stages\.train\.suite\."):
        load_recipe(path, trust=False)


def test_an_id_of_gymnasium_needs_no_trust(tmp_path):
    path = tmp_path / "resolved.toml"
    path.write_text(CODE.format('id = "CartPole-v1"'))
    assert load_recipe(path, trust=False) == load_recipe(path)


def test_a_stage_that_was_copied_without_its_run_is_named(run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    alone = shutil.copytree(run / "train", tmp_path / "elsewhere" / "train", ignore=WITHOUT)
    with pytest.raises(MissingError, match=r"without its run: there is no .*resolved\.toml"):
        wmframe.load(alone)
    shutil.copy(run / "resolved.toml", alone.parent)
    assert wmframe.load(alone).counters.env_steps == 480
    renamed = alone.rename(alone.with_name("mine"))
    with pytest.raises(MissingError, match="has no stage 'mine'") as found:
        wmframe.load(renamed)
    assert "train" in found.value.hint
