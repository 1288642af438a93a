"""Trees: nested dicts, lists, tuples and NamedTuples, whose leaves are tensors or scalars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import torch

Tree: TypeAlias = Any


def tree_map(function: Callable[[Any], Any], tree: Tree) -> Tree:
    """Apply ``function`` to every leaf; containers keep their types and None stays None."""
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        return {key: tree_map(function, value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return like_container(tree, [tree_map(function, value) for value in tree])
    return function(tree)


def tree_stack(trees: Sequence[Tree], dim: int) -> Tree:
    """Trees of the same containers as one, whose leaves are stacked along a new dimension."""
    first = trees[0]
    if first is None:
        return None
    if isinstance(first, Mapping):
        return {key: tree_stack([tree[key] for tree in trees], dim) for key in first}
    if isinstance(first, list | tuple):
        return like_container(first, [tree_stack(parts, dim) for parts in zip(*trees, strict=True)])
    return torch.stack(list(trees), dim)


def like_container(
    container: list[Any] | tuple[Any, ...], values: list[Any]
) -> list[Any] | tuple[Any, ...]:
    """A container of another's type with ``values``."""
    if hasattr(container, "_fields"):
        return type(container)(*values)
    return type(container)(values)
