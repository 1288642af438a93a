"""The grid of a sweep: seeds times every setting of several values. Text in, cells out."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

import attrs

from wmframe.errors import UsageError
from wmframe.recipe.positions import split_key

SEED: Final = "seed"
"""The key of the axis whose cells are repetitions."""

LONGEST: Final = 40
"""Letters of a value kept in a cell's name."""

MOST: Final = 10_000
"""Values that a range may have."""


@attrs.frozen
class Axis:
    """One setting and its values.

    Attributes:
        key: dotted, as in ``--set``.
        values: each as ``--set`` would have it after the equals sign.
        source: the option as it was typed, for messages.
    """

    key: str
    values: tuple[str, ...]
    source: str

    @property
    def fixed(self) -> bool:
        """Whether it has one value for all cells. A seed always names its cells."""
        return len(self.values) == 1 and self.key != SEED

    @property
    def overrides(self) -> tuple[str, ...]:
        """The settings as ``wmframe run --set`` takes them."""
        return tuple(f"{self.key}={value}" for value in self.values)


@attrs.frozen
class Cell:
    """One point of the grid.

    Attributes:
        name: a folder's name, the same for the same settings in every sweep of these axes.
        settings: each axis's key with the value that it has here.
    """

    name: str
    settings: tuple[tuple[str, str], ...]


def parse_seeds(text: str) -> Axis:
    """Read ``0..7`` (both ends count), ``0,3,5``, or both kinds mixed.

    Raises:
        UsageError: the text is not of this form, or a seed comes twice.
    """
    seeds = split_values(text)
    for wrong in (seed for seed in seeds if not re.fullmatch(r"\d+", seed)):
        message = f"--seeds {text}: {wrong or 'nothing'} is no seed and no range"
        raise UsageError(message, "write 0..7 for eight seeds, or 0,3,5")
    return _checked(Axis(SEED, tuple(seeds), f"--seeds {text}"))


def parse_set(text: str) -> Axis:
    """Read ``KEY=VALUE``, or ``KEY=A,B,C`` and ``KEY=1..3`` for several values.

    Raises:
        UsageError: the text is not of this form, or a value comes twice.
    """
    key, equals, values = text.partition("=")
    pieces = tuple(split_values(values))
    if not equals or split_key(key.strip()) is None or not all(pieces):
        message = f"--set {text}: a key, an equals sign and a value, or several, are needed"
        raise UsageError(message, "write --set stages.NAME.SETTING=A,B,C")
    return _checked(Axis(key.strip(), pieces, f"--set {text}"))


def split_values(text: str) -> list[str]:
    """The values between commas outside brackets, braces and quotes; ranges written out."""
    pieces, depth, quote = [""], 0, ""
    for letter in text:
        if letter == "," and not depth and not quote:
            pieces.append("")
            continue
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        else:
            depth += (letter in "[{") - (letter in "]}")
        pieces[-1] += letter
    return [value for piece in pieces for value in _range(piece.strip())]


def expand(axes: Sequence[Axis]) -> tuple[Cell, ...]:
    """Every combination of the axes' values; all of one seed come before the next seed.

    Raises:
        UsageError: there is no axis, or two cells would have one name.
    """
    if not axes:
        raise UsageError("this sweep has one cell", "add --seeds 0..4, or --set KEY=A,B")
    short = short_names(sorted((axis.key for axis in axes), key=lambda key: (key == SEED, key)))
    seeds_first = sorted(axes, key=lambda axis: (axis.key != SEED, axis.key))
    choices = product(*([(axis.key, value) for value in axis.values] for axis in seeds_first))
    cells = tuple(_cell(dict(choice), short) for choice in choices)
    for name in repeated(cell.name for cell in cells):
        raise UsageError(f"two cells would share the folder {name}", "write their values shorter")
    return cells


def short_names(keys: Iterable[str]) -> dict[str, str]:
    """For each dotted key the shortest unique suffix."""
    paths = {key: split_key(key) or (key,) for key in keys}
    short = {}
    for key, path in paths.items():
        ends = (path[-count:] for count in range(1, len(path) + 1))
        own = next((end for end in ends if _is_of_one(end, paths.values())), path)
        short[key] = ".".join(own)
    return short


def slug(text: str) -> str:
    """A value as a part of a folder's name; with a digest if letters are lost."""
    plain = text.strip("\"'")
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", plain)[:LONGEST].rstrip(".")
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return kept if kept == plain else f"{kept.strip('-')}-{digest}"


def repeated(words: Iterable[str]) -> list[str]:
    """Repeated elements."""
    return [word for word, count in Counter(words).items() if count > 1]


def _range(piece: str) -> Iterable[str]:
    found = re.fullmatch(r"(\d{1,19})\s*\.\.\s*(\d{1,19})", piece)
    if found is None or int(found[1]) > int(found[2]):
        return [piece]
    if int(found[2]) - int(found[1]) >= MOST:
        raise UsageError(f"{piece} are more than {MOST:,} values", "give fewer")
    return map(str, range(int(found[1]), int(found[2]) + 1))


def _cell(settings: dict[str, str], short: dict[str, str]) -> Cell:
    ordered = tuple((key, settings[key]) for key in short)
    return Cell("_".join(f"{slug(short[key])}-{slug(value)}" for key, value in ordered), ordered)


def _is_of_one(end: tuple[str, ...], paths: Iterable[tuple[str, ...]]) -> bool:
    return sum(path[-len(end) :] == end for path in paths) == 1


def _checked(axis: Axis) -> Axis:
    for value in repeated(axis.values):
        raise UsageError(f"{axis.source}: {value} comes twice", "give each value once")
    return axis
