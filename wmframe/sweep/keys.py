"""Short keys: ``task`` for ``stages.train.suite.task`` if no other key of the recipe ends so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.errors import Problem, RecipeError
from wmframe.recipe import load_recipe, resolved
from wmframe.recipe.files import find_recipe, read_chain
from wmframe.recipe.layers import merge_layers
from wmframe.recipe.load import STRUCTURE
from wmframe.recipe.model import RunSettings
from wmframe.recipe.positions import split_key
from wmframe.recipe.tree import dotted
from wmframe.suggest import suggest
from wmframe.sweep.grid import Axis

TOP: Final = frozenset({*STRUCTURE, *(field.name for field in attrs.fields(RunSettings))})
"""Beginnings of full keys."""

KeyTuple = tuple[str, ...]


def whole_keys(path: Path, profile: str | None, axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """Write keys in full, as the recipe has them with the fixed settings whose keys are whole.

    Raises:
        RecipeError: with every key that is the end of no key of the recipe, or of several, and the
            faults of the recipe that may be why.
        UsageError: there is no such recipe.
    """
    fixed = [axis.overrides[0] for axis in axes if axis.fixed and _is_whole(axis.key)]
    known, faults = known_keys(path, profile, fixed)
    problems: list[Problem] = []
    whole = tuple(attrs.evolve(axis, key=_whole(axis, known, problems)) for axis in axes)
    if problems:
        raise RecipeError([*problems, *faults])
    return whole


def known_keys(
    path: Path, profile: str | None, overrides: Sequence[str]
) -> tuple[Sequence[KeyTuple], Sequence[Problem]]:
    """Every key of a recipe: the written ones, and the defaults if it is valid as it is."""
    written = merge_layers(read_chain(find_recipe(path)), profile, overrides).plain()
    found = dict.fromkeys(_keys(written))
    try:
        recipe = load_recipe(path, profile, overrides)
    except RecipeError as error:  # it may lack just what the grid brings; cells are checked later
        return list(found), error.problems
    return list(found | dict.fromkeys(_keys(resolved(recipe)))), ()


def _keys(table: Mapping[str, Any], above: KeyTuple = ()) -> Iterator[KeyTuple]:
    for key, value in table.items():
        yield (*above, key)
        if isinstance(value, Mapping):
            yield from _keys(value, (*above, key))


def _whole(axis: Axis, known: Sequence[KeyTuple], problems: list[Problem]) -> str:
    key = axis.key
    parts = split_key(key) or ()
    ends = [dotted(path) for path in known if path[-len(parts) :] == parts]
    if _is_whole(key) or len(ends) == 1:
        return dotted(parts) if _is_whole(key) else ends[0]
    if ends:
        message, hint = f"several keys end in {key}", f"write one of: {', '.join(ends)}"
    else:
        message = f"no key of the recipe ends in {key}; one that it leaves out is written in full"
        hint = suggest(key, map(dotted, known))
    problems.append(Problem(axis.source, "", message, hint))
    return key


def _is_whole(key: str) -> bool:
    return (split_key(key) or ("",))[0] in TOP
