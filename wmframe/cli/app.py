"""The command tree: the function of each command."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Final

import typer

from wmframe import __version__
from wmframe.cli.quick import QuickCommand, QuickGroup

COMMANDS: Final = {
    "run": ("Runs", "runs:run"),
    "sweep": ("Runs", "sweep:sweep"),
    "evaluate": ("Runs", "runs:evaluate"),
    "imagine": ("Runs", "imagine:imagine"),
    "report": ("Runs", "runs:report"),
    "import-checkpoint": ("Checkpoints", "imports:import_checkpoint"),
    "export-checkpoint": ("Checkpoints", "imports:export_checkpoint"),
    "validate": ("Recipes", "recipes:validate"),
    "explain": ("Recipes", "recipes:explain"),
    "schema": ("Recipes", "recipes:schema"),
    "list-plugins": ("Plugins", "plugins:list_plugins"),
    "describe": ("Plugins", "describing:describe"),
    "doctor": ("Plugins", "doctor:doctor"),
    "assets": ("Plugins", "components:assets"),
    "videos": ("Videos", "videos:videos"),  # groups come last, as typer lists them
    "bench": ("Speed", "bench:bench"),
}
"""Each command's panel in the help, and ``module:attribute`` in :mod:`wmframe.cli` of its function,
or, for a group of commands, of its Typer."""

OPEN: Final = {"doctor": {"ignore_unknown_options": True, "allow_extra_args": True}}
"""Commands that pass options on to a component, with Typer's settings for that."""


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """The application with every command, or with only the command in ``words``.

    Building only the requested command keeps start-up independent of the number of commands.
    """
    first = next((word for word in words if not word.startswith("-")), None)
    called = [first] if first in COMMANDS else list(COMMANDS)
    app = typer.Typer(
        cls=QuickGroup, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
    )
    app.callback()(root)
    for name in called:
        panel, reference = COMMANDS[name]
        module, _, function = reference.partition(":")
        body = getattr(import_module(f"wmframe.cli.{module}"), function)
        if isinstance(body, typer.Typer):
            app.add_typer(body, name=name, rich_help_panel=panel)
        else:
            settings = OPEN.get(name)
            app.command(name, cls=QuickCommand, rich_help_panel=panel, context_settings=settings)(
                body
            )
    return app


def show_version(wanted: bool) -> None:
    """Print the version and exit."""
    if wanted:
        typer.echo(f"wmframe {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=show_version, is_eager=True),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks; accepted anywhere on the line.")
    ] = False,
) -> None:
    """Visual model-based reinforcement learning from composable plugins."""
