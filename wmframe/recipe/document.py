"""TOML text to plain values of the sizes and kinds that a recipe can have.

Other values would not fit any setting, or cause unbounded recursion, integers beyond machine words,
or invalid paths.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from wmframe.recipe.tree import KeyPath

LONGEST: Final = 2**18
"""Characters of a recipe, or of a value on the command line."""

DEEPEST: Final = 32
"""Tables and arrays within one another, and parts of a dotted key."""

MOST: Final = 10_000
"""Keys and array elements of a recipe."""

WORD: Final = 2**63
"""TOML's integers are 64-bit ones."""

_BETWEEN_KEYS: Final = re.compile(r"[=,\[{\n]")


class NotARecipe(ValueError):
    """The text is no valid TOML, or larger than any recipe."""


def parse(text: str) -> dict[str, Any]:
    """The values of a TOML document, without looking at each of them.

    Raises:
        NotARecipe: the text is no TOML, or longer or deeper than any recipe.
    """
    if len(text) > LONGEST:
        raise NotARecipe(f"{len(text):,} characters are more than any recipe has ({LONGEST:,})")
    # before it is parsed, for the time that takes grows with the square of a key's parts
    if max(piece.count(".") for piece in _BETWEEN_KEYS.split(text)) > 8 * DEEPEST:
        raise NotARecipe(f"a key has more parts than any recipe's ({DEEPEST})")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotARecipe(f"not valid TOML: {error}") from error
    except RecursionError as error:
        raise NotARecipe(f"tables or arrays lie more than {DEEPEST} deep") from error
    except (ValueError, OverflowError) as error:  # a number that Python does not read
        raise NotARecipe(f"not valid TOML: {str(error).partition(';')[0]}") from error
    check_size(values)
    return values


def check_size(values: Any) -> None:
    """Refuse what is deeper or larger than any recipe.

    Raises:
        NotARecipe: it is.
    """
    level, count = [values], 0
    for _ in range(DEEPEST + 1):
        level = [child for value in level for child in children(value)]
        count += len(level)
        if count > MOST:
            raise NotARecipe(f"more than {MOST:,} keys and values")
        if not level:
            return
    raise NotARecipe(f"tables or arrays lie more than {DEEPEST} deep")


def children(value: Any) -> list[Any]:
    """The values of a table, the elements of an array."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def odd_values(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """The place and the problem of a value or key of a kind that no setting takes."""
    if isinstance(value, dict):
        for key, child in value.items():
            if fault := odd(key):
                yield path, f"in a key, {fault}"
            yield from odd_values(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from odd_values(child, (*path, index))
    elif fault := odd(value):
        yield path, fault


def odd(value: Any) -> str:
    """The problem of a scalar that no setting takes; empty for others."""
    if isinstance(value, int) and not -WORD <= value < WORD:
        return "the integer has more than 64 bits"
    if isinstance(value, str) and "\0" in value:
        return "the text holds a NUL character"
    if isinstance(value, str) and not value.isascii() and _surrogates(value):
        return "the text is not valid Unicode"
    return ""


def _surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
