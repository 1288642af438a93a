"""A recipe's file to a checked, typed :class:`wmframe.recipe.model.Recipe`.

Layers, the lowest first: the files it extends, itself, the chosen profile of each of these in the
same order, ``--set``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.config import Part
from wmframe.errors import Problem, RecipeError
from wmframe.recipe.faults import FAILED, Faults, Place
from wmframe.recipe.files import find_recipe, read_chain
from wmframe.recipe.local import local_plugins
from wmframe.recipe.model import Recipe, RunSettings
from wmframe.recipe.source import parse_override
from wmframe.recipe.stages import read_stages
from wmframe.recipe.structure import Structurer
from wmframe.recipe.tree import Node, merge, wrap
from wmframe.registry import use_local
from wmframe.suggest import suggest

STRUCTURE: Final = ("extends", "plugins", "profiles", "stages")
"""Keys at the top of a recipe beside the settings of the run."""

ONLY_IN_FILES: Final = ("extends", "plugins", "profiles")
"""Keys that neither a profile nor an override can change."""


def load_recipe(
    path: str | Path, profile: str | None = None, overrides: Sequence[str] = ()
) -> Recipe:
    """Read, merge and check a recipe.

    Args:
        path: a file, or the name of a recipe that comes with wmframe.
        profile: one of its profiles.
        overrides: ``a.b=c`` each.

    Raises:
        UsageError: there is no such file, or an override is malformed.
        RecipeError: with every fault of the recipe.
        MissingPluginError: if all that is wrong is that plugins are missing.
    """
    file = find_recipe(Path(path))
    documents = read_chain(file)
    merged = merge_layers(documents, profile, overrides)
    local = local_plugins(merged)
    use_local(local)
    settings, stages = _structure(merged, file)
    return Recipe(
        **settings,
        path=file,
        profile=profile,
        profiles=tuple(profile_names(documents)),
        local=local,
        stages=stages,
        merged=merged,
    )


def merge_layers(
    documents: Sequence[Node], profile: str | None, overrides: Iterable[str] = ()
) -> Node:
    """Lay files, profile and overrides over one another; ``extends`` and ``profiles`` are gone.

    Raises:
        RecipeError: the profile is not there or is malformed.
        UsageError: an override is malformed.
    """
    layers = list(documents)
    if profile is not None:
        layers += _profile_layers(documents, profile)
    top = 2 * len(documents)
    layers += [parse_override(text, top) for text in overrides]
    _check_keys(layers[len(documents) :])
    merged = reduce(merge, layers)
    used = {k: child for k, child in merged.value.items() if k not in ("extends", "profiles")}
    return attrs.evolve(merged, value=used)


def profile_names(documents: Iterable[Node]) -> list[str]:
    """The profiles of a recipe and of what it extends."""
    tables = [document.at(("profiles",)) for document in documents]
    names = [name for table in tables if table and table.is_table for name in table.value]
    return list(dict.fromkeys(names))


def _profile_layers(documents: Sequence[Node], profile: str) -> list[Node]:
    found = [(i, document.at(("profiles", profile))) for i, document in enumerate(documents)]
    layers = [node.in_layer(len(documents) + i, profile) for i, node in found if node]
    if not layers:
        known = profile_names(documents)
        hint = suggest(profile, known) or "add a table [profiles.NAME]"
        origin = (documents[-1].at(("profiles",)) or documents[-1]).origin
        problem = Problem(str(origin), "profiles", f'there is no profile "{profile}"', hint)
        raise RecipeError([problem])
    return layers


def _check_keys(layers: Iterable[Node]) -> None:
    faults = Faults()
    for layer in layers:
        if not layer.is_table:
            faults.fault(layer, Place(), "a profile is a table", "write [profiles.NAME]")
            continue
        for key in ONLY_IN_FILES:
            if key in layer.value:
                message = "a profile or --set cannot change this"
                hint = "write it at the top of a recipe's file"
                faults.fault(layer.value[key], Place((key,)), message, hint)
    faults.finish()


def _structure(merged: Node, file: Path) -> tuple[dict[str, Any], tuple[tuple[str, Part], ...]]:
    work = Structurer()
    known = [*(field.name for field in attrs.fields(RunSettings)), *STRUCTURE]
    work.unknown_keys(merged, known, Place())
    run = {key: child for key, child in merged.value.items() if key in known[: -len(STRUCTURE)]}
    run.setdefault("name", wrap(file.stem, merged.origin))
    settings = work.table(RunSettings, attrs.evolve(merged, value=run), Place())
    stages = read_stages(work, merged)
    work.finish()
    assert settings is not FAILED  # a failure was noted, and raised above
    values = {f.name: getattr(settings, f.name) for f in attrs.fields(RunSettings)}
    return values, stages
