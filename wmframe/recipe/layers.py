"""Which layers a recipe has, the lowest first: the files it extends, itself, the chosen profile of
each of these in the same order, ``--set``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Final

import attrs

from wmframe.errors import Problem, RecipeError
from wmframe.recipe.faults import Faults, Place
from wmframe.recipe.source import parse_override
from wmframe.recipe.tree import Node, merge
from wmframe.suggest import suggest

ONLY_IN_FILES: Final = ("extends", "plugins", "profiles")
"""Keys that neither a profile nor an override can change."""


def merge_layers(
    documents: Sequence[Node], profile: str | None, overrides: Iterable[str] = ()
) -> Node:
    """Lay files, profile and overrides over one another; ``extends`` and ``profiles`` are gone.

    Raises:
        RecipeError: the profile is not there, or a profile or an override changes what it cannot.
        UsageError: an override is malformed.
    """
    top = 2 * len(documents)
    changes = [parse_override(text, top) for text in overrides]
    _check(documents, changes)
    chosen = [] if profile is None else _profile_layers(documents, profile)
    merged = reduce(merge, [*documents, *chosen, *changes])
    used = {k: child for k, child in merged.value.items() if k not in ("extends", "profiles")}
    return attrs.evolve(merged, value=used)


def profile_names(documents: Iterable[Node]) -> list[str]:
    """The profiles of a recipe and of what it extends."""
    tables = [document.at(("profiles",)) for document in documents]
    return list(dict.fromkeys(name for table in tables if table for name in table.value))


def _profile_layers(documents: Sequence[Node], profile: str) -> list[Node]:
    found = [(i, document.at(("profiles", profile))) for i, document in enumerate(documents)]
    layers = [node.in_layer(len(documents) + i, profile) for i, node in found if node]
    if layers:
        return layers
    hint = suggest(profile, profile_names(documents)) or "add a table [profiles.NAME]"
    origin = (documents[-1].at(("profiles",)) or documents[-1]).origin
    message = f'there is no profile "{profile}"'
    raise RecipeError([Problem(str(origin), "profiles", message, hint)])


def _check(documents: Iterable[Node], changes: Iterable[Node]) -> None:
    faults, place = Faults(), Place(("profiles",))
    for profiles in filter(None, (document.at(place.path) for document in documents)):
        if not profiles.is_table:
            faults.fault(profiles, place, "expected a table", "write [profiles.NAME]")
            continue
        for name, layer in profiles.value.items():
            _check_layer(faults, layer, place.key(name))
    for change in changes:
        _check_layer(faults, change, Place())
    faults.finish()


def _check_layer(faults: Faults, layer: Node, place: Place) -> None:
    if not layer.is_table:
        faults.fault(layer, place, "expected a table", f"write [{place}]")
        return
    for key in layer.value.keys() & ONLY_IN_FILES:
        message, hint = "only files can change this", "write it at the top of a recipe's file"
        faults.fault(layer.value[key], place.key(key), message, hint)
