"""``wmframe validate``, ``explain`` and ``schema``: recipes without running them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

RecipePath = Annotated[
    Path, typer.Argument(metavar="RECIPE", help="A TOML file, or the name of a shipped one.")
]
Profile = Annotated[
    str | None, typer.Option("--profile", "-p", help="A profile of the recipe, such as quick.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting; may be repeated."),
]


def validate(recipe: RecipePath, profile: Profile = None, overrides: Overrides = None) -> None:
    """Check a recipe and report all errors at once."""
    from wmframe.recipe import load_recipe

    loaded = load_recipe(recipe, profile=profile, overrides=overrides or ())
    stages = ", ".join(f"{name} ({part.use})" for name, part in loaded.stages)
    typer.echo(f"{recipe} is valid: {stages}")


def explain(
    recipe: RecipePath,
    key: Annotated[str, typer.Argument(help="A setting, such as stages.finetune.agent.lr.")],
    profile: Profile = None,
    overrides: Overrides = None,
) -> None:
    """Show a setting's value and its origins."""
    from wmframe.recipe import explain as explain_key

    typer.echo(explain_key(recipe, key, profile=profile, overrides=overrides or ()))


def schema() -> None:
    """Print a JSON schema of recipes with the installed plugins, for editors."""
    from wmframe.recipe import schema as recipe_schema

    typer.echo(json.dumps(recipe_schema(), indent=2))
