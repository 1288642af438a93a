"""A recipe's file to a checked, typed :class:`wmframe.recipe.model.Recipe`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.recipe.faults import Place
from wmframe.recipe.files import find_recipe, read_chain
from wmframe.recipe.layers import merge_layers, profile_names
from wmframe.recipe.local import local_plugins
from wmframe.recipe.model import Recipe, RunSettings
from wmframe.recipe.stages import read_stages
from wmframe.recipe.structure import Structurer
from wmframe.recipe.tree import Node, wrap
from wmframe.recipe.trust import refuse_files, refuse_settings
from wmframe.registry import is_used, use_local

STRUCTURE: Final = ("extends", "plugins", "profiles", "stages")
"""Top-level keys of a recipe in addition to the settings of the run."""


def load_recipe(
    path: str | Path,
    profile: str | None = None,
    overrides: Sequence[str] = (),
    *,
    trust: bool = True,
) -> Recipe:
    """Read, merge and check a recipe.

    Args:
        path: a file, or the name of a recipe that comes with wmframe.
        profile: one of its profiles.
        overrides: ``a.b=c`` each.
        trust: whether code may be executed that the recipe brings along or names.

    Raises:
        UsageError: there is no such file, an override is malformed, or the recipe is not trusted
            and would have code executed.
        RecipeError: with every fault of the recipe.
        MissingPluginError: if all that is wrong is that plugins are missing.
        PluginError: a local plugin is broken.
    """
    file = find_recipe(Path(path))
    documents = read_chain(file)
    merged = merge_layers(documents, profile, overrides)
    local = local_plugins(merged)
    if not trust:
        refuse_files(file, [path for path in local if not is_used(path)])
    use_local(local)
    settings = _structure(merged, file)
    if not trust:
        refuse_settings(file, settings["stages"])
    return Recipe(
        **settings,
        path=file,
        profile=profile,
        profiles=tuple(profile_names(documents)),
        local=local,
        merged=merged,
    )


def _structure(merged: Node, file: Path) -> dict[str, Any]:
    """The settings of the run and the stages, by the names of the recipe's attributes."""
    work = Structurer()
    names = [field.name for field in attrs.fields(RunSettings)]
    work.unknown_keys(merged, [*names, *STRUCTURE], Place())
    top = {key: child for key, child in merged.value.items() if key in names}
    top.setdefault("name", wrap(file.stem, merged.origin))
    settings = work.table(RunSettings, attrs.evolve(merged, value=top), Place())
    stages = read_stages(work, merged)
    work.finish()
    return {**{name: getattr(settings, name) for name in names}, "stages": stages}
