"""Nested spaces: their parts, and how to find them in a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gymnasium import spaces

from wmframe.checks import describe
from wmframe.errors import SimulatorError

Path = tuple[Any, ...]
Leaf = tuple[Path, spaces.Space[Any]]


def leaves(space: spaces.Space[Any], path: Path = ()) -> Iterator[Leaf]:
    """The parts of nested Dicts and Tuples, each with its way from the outside."""
    inside: Iterable[tuple[Any, spaces.Space[Any]]]
    if isinstance(space, spaces.Dict):
        inside = space.spaces.items()
    elif isinstance(space, spaces.Tuple):
        inside = enumerate(space.spaces)
    else:
        yield path, space
        return
    for key, part in inside:
        yield from leaves(part, (*path, key))


def named(path: Path) -> str:
    """A way from the outside in words: ``a/0/b``."""
    return "/".join(map(str, path))


def at(value: Any, path: Path, name: str) -> Any:
    """What a value of a nested space holds there.

    Args:
        value: as the environment gave it.
        path: from :func:`leaves`.
        name: what the value is, for the message.

    Raises:
        SimulatorError: it holds nothing there.
    """
    inside = value
    for depth, key in enumerate(path):
        try:
            inside = inside[key]
        except (KeyError, IndexError, TypeError) as error:
            where = f" at {named(path[:depth])!r}" if depth else ""
            message = f"the {name}{where} is {describe(inside)}, which has no {key!r}"
            raise SimulatorError(message, "give a value for each part of its space") from error
    return inside


def rebuilt(space: spaces.Space[Any], values: Iterator[Any]) -> Any:
    """A value of a nested space from those of its :func:`leaves`, in their order."""
    if isinstance(space, spaces.Dict):
        return {key: rebuilt(part, values) for key, part in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(rebuilt(part, values) for part in space.spaces)
    return next(values)
