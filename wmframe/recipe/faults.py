"""Places in a recipe, and the errors found so far."""

from __future__ import annotations

from typing import Any, Final

import attrs

from wmframe.errors import MissingPluginError, Problem, RecipeError
from wmframe.recipe.tree import KeyPath, Node, dotted, place_of

FAILED: Final = object()
"""Stands for a value whose errors were recorded."""


@attrs.frozen
class Place:
    """A key of a recipe, and the component whose settings it belongs to."""

    path: KeyPath = ()
    owner: str = "the recipe"

    def key(self, key: str | int) -> Place:
        """A key of the table, or an element of the array, that is here."""
        return Place((*self.path, key), self.owner)

    def __str__(self) -> str:
        return dotted(self.path)


class Faults:
    """Collects errors, so that all are shown at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._missing = 0

    def fault(self, node: Node, place: Place, message: str, hint: str = "") -> Any:
        """Record an error; returns :data:`FAILED`."""
        self.problems.append(Problem(str(node.origin), str(place), message, hint))
        return FAILED

    def refused(self, table: Node, place: Place, message: str, hint: str = "") -> Any:
        """Record that values of a table contradict each other; returns :data:`FAILED`."""
        self.problems.append(Problem(place_of(table), str(place), message, hint))
        return FAILED

    def missing(self, node: Node, place: Place, message: str, hint: str = "") -> Any:
        """Record something that has to be installed; returns :data:`FAILED`."""
        self._missing += 1
        return self.fault(node, place, message, hint)

    def take(self, error: RecipeError) -> Any:
        """Record the errors of ``error``; returns :data:`FAILED`."""
        self._missing += len(error.problems) * isinstance(error, MissingPluginError)
        self.problems += error.problems
        return FAILED

    def finish(self) -> None:
        """Raise the recorded errors, if there are any.

        Raises:
            RecipeError: with every fault.
            MissingPluginError: if all of them are things to install.
        """
        if self.problems and self._missing == len(self.problems):
            raise MissingPluginError(self.problems)
        if self.problems:
            raise RecipeError(self.problems)
