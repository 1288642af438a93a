"""The values of a recipe with where each was written, and how a layer goes over another.

A recipe is made of layers, the lowest first: the files it extends, the file itself, their chosen
profile, ``--set``. Tables merge, everything else replaces, and what was replaced stays reachable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.recipe.toml import toml_key

KeyPath = tuple[str | int, ...]
"""Keys from the top of a recipe to a value; a number is a place in an array."""

DEFAULT_LAYER: Final = -1
"""The layer of what components state as defaults, below every file."""

OVERRIDE: Final = "--set "
"""How the source of a value from the command line begins."""


@attrs.frozen
class Origin:
    """Where a value was written.

    Attributes:
        source: a file as shown to the user, ``--set a.b=c``, or ``default``.
        line: its line, from 1; 0 where there are none.
        profile: the profile it belongs to.
        folder: what relative paths in it are relative to.
    """

    source: str
    line: int = 0
    profile: str = ""
    folder: Path = Path()

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source

    @property
    def label(self) -> str:
        """The place, and the profile where there is one."""
        return f"{self} (profile {self.profile})" if self.profile else str(self)


@attrs.frozen
class Node:
    """A value with its origin.

    Attributes:
        value: a TOML scalar, a dict of nodes or a list of nodes.
        origin: where it was written.
        layer: which layer wrote it last.
        below: what it replaced in a lower layer.
    """

    value: Any
    origin: Origin
    layer: int = 0
    below: Node | None = None

    @property
    def is_table(self) -> bool:
        """Whether this is a table, whose values are nodes."""
        return isinstance(self.value, dict)

    def plain(self) -> Any:
        """The value without origins."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def history(self) -> list[Node]:
        """Every layer's word on this value, the lowest first; the last one holds."""
        return [*(self.below.history() if self.below else ()), self]

    def at(self, path: Sequence[str | int]) -> Node | None:
        """The node that ``path`` leads to, or None."""
        if not path:
            return self
        try:
            return self.value[path[0]].at(path[1:])  # type: ignore[no-any-return]
        except (KeyError, IndexError, TypeError, AttributeError):
            return None

    def since(self, layer: int) -> Node:
        """This table without what layers below ``layer`` set."""
        if not self.is_table:
            return self
        kept = {k: child.since(layer) for k, child in self.value.items() if child.layer >= layer}
        return attrs.evolve(self, value=kept)

    def in_layer(self, layer: int, profile: str = "") -> Node:
        """The same values as another layer's."""
        value = self.value
        if isinstance(value, dict):
            value = {key: child.in_layer(layer, profile) for key, child in value.items()}
        elif isinstance(value, list):
            value = [child.in_layer(layer, profile) for child in value]
        return Node(value, attrs.evolve(self.origin, profile=profile), layer)


def wrap(value: Any, origin: Origin, layer: int = 0) -> Node:
    """Plain values as nodes that all come from one place."""
    if isinstance(value, Mapping):
        value = {key: wrap(child, origin, layer) for key, child in value.items()}
    elif isinstance(value, list | tuple):
        value = [wrap(child, origin, layer) for child in value]
    return Node(value, origin, layer)


def merge(lower: Node, upper: Node) -> Node:
    """Lay ``upper`` over ``lower``: tables merge key by key, everything else is replaced."""
    if not (lower.is_table and upper.is_table):
        return attrs.evolve(upper, below=lower)
    children = dict(lower.value)
    for key, child in upper.value.items():
        children[key] = merge(children[key], child) if key in children else child
    # a fault of the whole table is shown where a file wrote it, if one did
    origin = upper.origin if upper.origin.line and not upper.origin.profile else lower.origin
    return Node(children, origin, upper.layer)


def place_of(table: Node) -> str:
    """Where a fault of a table as a whole is, with every ``--set`` that changed something in it."""
    origins = dict.fromkeys(node.origin for _, node in leaves(table))
    changes = ", ".join(str(origin) for origin in origins if origin.source.startswith(OVERRIDE))
    if not changes:
        return str(table.origin)
    return f"{changes} over {table.origin}" if table.origin.line else changes


def for_chosen_component(table: Node) -> Node:
    """A component's table without what lower layers set for a component that is no longer used."""
    use = table.value.get("use")
    if use is None:
        return table
    changes = [new.layer for old, new in pairwise(use.history()) if _name(old) != _name(new)]
    return table.since(changes[-1]) if changes else table


def _name(use: Node) -> str:
    return str(use.value).removeprefix("wmframe.")


def dotted(path: Sequence[str | int]) -> str:
    """A path as users write it: ``stages.finetune.agent.lr``, ``trackers[0].use``."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{toml_key(key)}"
    return text.removeprefix(".")


def leaves(node: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Node]]:
    """Every value that is not a table, with its path."""
    if not node.is_table:
        yield path, node
        return
    for key, child in node.value.items():
        yield from leaves(child, (*path, key))
