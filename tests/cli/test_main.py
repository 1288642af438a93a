"""Errors, exit codes and help of the command line."""

from __future__ import annotations

import pytest
import typer

from wmframe.cli import app as app_module
from wmframe.cli import main, plugins
from wmframe.cli.app import COMMANDS, build_app
from wmframe.errors import MissingError, Problem, RecipeError


def failing(error: BaseException):
    def command() -> None:
        raise error

    return command


@pytest.fixture
def list_plugins_raises(monkeypatch):
    """Makes ``wmframe list-plugins`` raise an error."""
    return lambda error: monkeypatch.setattr(plugins, "list_plugins", failing(error))


def test_an_error_is_one_message_with_its_hint_and_exit_code(wmframe, list_plugins_raises):
    list_plugins_raises(MissingError("there is no such thing", "install it"))
    outcome = wmframe("list-plugins")
    assert outcome == (4, "", "error: there is no such thing\n  hint: install it\n")


def test_every_problem_of_a_recipe_is_shown(wmframe, list_plugins_raises):
    problems = [Problem("a.toml:3", "seed", "not a number"), Problem("a.toml:9", "lr", "negative")]
    list_plugins_raises(RecipeError(problems))
    outcome = wmframe("list-plugins")
    assert outcome.code == 3
    assert "a.toml:3: seed: not a number\na.toml:9: lr: negative" in outcome.err


@pytest.mark.parametrize("words", [["--debug", "list-plugins"], ["list-plugins", "--debug"]])
def test_debug_anywhere_on_the_line_lets_the_traceback_through(list_plugins_raises, words):
    list_plugins_raises(MissingError("gone"))
    with pytest.raises(MissingError):
        main(words)


def test_debug_can_be_set_in_the_environment(list_plugins_raises, monkeypatch):
    monkeypatch.setenv("WMFRAME_DEBUG", "1")
    list_plugins_raises(MissingError("gone"))
    with pytest.raises(MissingError):
        main(["list-plugins"])


def test_an_error_that_is_not_of_wmframe_keeps_its_traceback(list_plugins_raises):
    list_plugins_raises(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main(["list-plugins"])


def test_an_interrupt_ends_with_130(wmframe, list_plugins_raises):
    list_plugins_raises(KeyboardInterrupt())
    assert wmframe("list-plugins").code == 130


def test_the_version_is_shown(wmframe):
    assert wmframe("--version").out == f"wmframe {app_module.__version__}\n"


def test_no_arguments_show_the_help_with_every_command(wmframe):
    outcome = wmframe()
    assert all(name in outcome.out + outcome.err for name in COMMANDS)


@pytest.mark.parametrize("words", [["list-plugin"], ["list-plugins", "--jsn"], ["describe"]])
def test_wrong_usage_ends_with_2(wmframe, words):
    outcome = wmframe(*words)
    assert outcome.code == 2
    assert outcome.out == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_for_itself_and_its_options(name):
    command = typer.main.get_command(build_app([name])).commands[name]
    assert command.help
    assert all(option.help for option in command.params)


def test_only_the_command_that_was_called_is_built():
    assert list(typer.main.get_command(build_app(["schema"])).commands) == ["schema"]
    assert list(typer.main.get_command(build_app([])).commands) == list(COMMANDS)
