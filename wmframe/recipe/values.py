"""Values to the types that settings are annotated with; arrays and tables element by element."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import attrs

from wmframe.recipe.annotations import (
    NONE_WORD,
    allows_none,
    element_types,
    in_words,
    is_array,
    is_mapping,
    union_members,
)
from wmframe.recipe.faults import FAILED, Faults, Place
from wmframe.recipe.scalars import Mismatch, convert, describe
from wmframe.recipe.toml import toml_value
from wmframe.recipe.tree import Node


class Values(Faults, ABC):
    """Reads values; faults of elements are noted, those of the value itself are raised."""

    @abstractmethod
    def table(self, config: type, node: Node, place: Place) -> Any:
        """Make a ``config`` of a table, or note what is wrong and return FAILED."""

    def value(self, node: Node, annotation: Any, place: Place) -> Any:
        """Give a value the annotated type.

        Raises:
            Mismatch: it does not fit.
        """
        if members := union_members(annotation):
            return self._union(node, annotation, members, place)
        if attrs.has(annotation):
            return self.table(annotation, node, place)
        if is_array(annotation):
            return self._array(node, annotation, place)
        if is_mapping(annotation):
            return self._mapping(node, annotation, place)
        return anything(node.plain()) if annotation is Any else convert(node.plain(), annotation)

    def element(self, node: Node, annotation: Any, place: Place) -> Any:
        """Like :meth:`value`, but a mismatch is noted."""
        try:
            return self.value(node, annotation, place)
        except Mismatch as mismatch:
            return self.fault(node, place, str(mismatch), mismatch.hint or describe_hint(place))

    def _union(self, node: Node, annotation: Any, members: tuple[Any, ...], place: Place) -> Any:
        if node.value == NONE_WORD and allows_none(annotation):
            return None
        if len(members) == 1:
            return self.value(node, members[0], place)
        for member in members:
            trial = type(self)()
            made = trial.element(node, member, place)
            if not trial.problems:
                return made
        raise Mismatch(f"expected {in_words(annotation)}, got {describe(node.plain())}")

    def _array(self, node: Node, annotation: Any, place: Place) -> Any:
        if not isinstance(node.value, list):
            raise Mismatch(f"expected an array, got {describe(node.plain())}", "write [a, b]")
        kinds = element_types(annotation, len(node.value))
        if kinds is None:
            raise Mismatch(f"an array of {len(node.value)} elements does not fit {annotation}")
        pairs = enumerate(zip(node.value, kinds, strict=True))
        made = [self.element(child, kind, place.key(i)) for i, (child, kind) in pairs]
        if any(value is FAILED for value in made):
            return FAILED
        return made if (getattr(annotation, "__origin__", annotation) is list) else tuple(made)

    def _mapping(self, node: Node, annotation: Any, place: Place) -> Any:
        if not node.is_table:
            raise Mismatch(f"expected a table, got {describe(node.plain())}", f"write [{place}]")
        kind = getattr(annotation, "__args__", (str, Any))[1]
        made = {k: self.element(child, kind, place.key(k)) for k, child in node.value.items()}
        return FAILED if any(value is FAILED for value in made.values()) else made


def anything(value: Any) -> Any:
    """A value that any type takes.

    Raises:
        Mismatch: it could not be written again into ``resolved.toml``, as a date.
    """
    try:
        toml_value(value)
    except TypeError as error:
        raise Mismatch(str(error), "a date is no setting; write it in quotes") from error
    return value


def describe_hint(place: Place) -> str:
    """Where to look up the settings of a component."""
    if place.owner == Place().owner:
        return "docs/concepts/recipes.md lists the keys of a recipe"
    return f"`wmframe describe {place.owner}` lists its settings"
