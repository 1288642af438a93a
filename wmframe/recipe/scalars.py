"""Strict conversion of single values. cattrs on its own makes 1 of 1.9 and 12 of "12"; here a
value has the type that the setting states, save that an integer may stand for a float.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import cattrs

from wmframe.suggest import suggest


class Mismatch(ValueError):
    """A value that does not fit; ``hint`` says what would."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


NAMES: Final[Mapping[Any, str]] = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "a string",
    Path: "a path",
}
"""How messages name the types."""


FEW: Final = 12
"""How many choices a hint lists in addition to the nearest one."""

LONG: Final = 80
"""Characters of a value that a message shows."""


def describe(value: Any) -> str:
    """A value as a message shows it."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "an array"
    if isinstance(value, bool):
        return str(value).lower()
    text = shortened(str(value))
    return f'the string "{text}"' if isinstance(value, str) else text


def shortened(text: str, most: int = LONG) -> str:
    """A text as a message shows it, of so many characters at most."""
    return text if len(text) <= most else f"{text[:most]}..."


def convert(value: Any, annotation: Any) -> Any:
    """Give ``value`` the type ``annotation``.

    Raises:
        Mismatch: it does not fit.
    """
    try:
        return _converter.structure(value, annotation)
    except Mismatch:
        raise
    except Exception as error:  # a plugin's own type refuses in its own way
        raise Mismatch(f"{describe(value)} does not fit: {error}") from error


def check(value: Any, metadata: Mapping[str, Any]) -> Any:
    """Apply what :func:`wmframe.config.setting` states: normalize, choices, minimum, maximum.

    Choices and bounds of a setting that is an array hold for its elements, bounds of a table for
    every number in it.

    Raises:
        Mismatch: the value is not allowed.
    """
    if value is None:
        return None
    if normalize := metadata.get("normalize"):
        value = _normalized(value, normalize)
    for item in value if isinstance(value, tuple | list) else (value,):
        _check_choice(item, metadata.get("choices"))
    for number in _numbers(value):
        _check_bounds(number, metadata.get("minimum"), metadata.get("maximum"))
    return value


def allowed(metadata: Mapping[str, Any]) -> str:
    """The allowed values in words; empty where the type says everything."""
    if choices := metadata.get("choices"):
        return ", ".join(map(str, choices))
    low, high = (finite(metadata.get(name)) for name in ("minimum", "maximum"))
    if low is not None and high is not None:
        return f"from {_written(low)} to {_written(high)}"
    if low is not None:
        return f"at least {_written(low)}"
    return f"at most {_written(high)}" if high is not None else ""


def finite(bound: float | None) -> float | None:
    """A bound that a value can break; None of infinity, which only states that it is allowed."""
    return None if bound is None or math.isinf(bound) else bound


def _written(bound: float) -> str:
    return f"{bound:_}" if isinstance(bound, int) and abs(bound) >= 10_000 else str(bound)


def _numbers(value: Any) -> Iterator[float]:
    """Every number in a value; those of nested settings were checked against their own bounds."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, tuple | list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _normalized(value: Any, normalize: Callable[[Any], Any]) -> Any:
    try:
        return normalize(value)
    except ValueError as error:
        raise Mismatch(str(error), getattr(error, "hint", "")) from error


def _check_choice(value: Any, choices: Sequence[Any] | None) -> None:
    if choices is None or any(value == c and type(value) is type(c) for c in choices):
        return
    meant = suggest(str(value), map(str, choices))
    listed = f" (allowed: {', '.join(map(str, choices))})" if len(choices) <= FEW else ""
    raise Mismatch(f"{describe(value)} is not allowed", meant + listed)


def _check_bounds(value: Any, low: float | None, high: float | None) -> None:
    limits = {"minimum": low, "maximum": high}
    hint = allowed(limits) or "any finite number"
    if math.isnan(value) or (math.isinf(value) and value not in (low, high)):
        raise Mismatch(f"{describe(value)} is not a finite number", f"allowed: {hint}")
    if (low is not None and value < low) or (high is not None and value > high):
        raise Mismatch(f"{describe(value)} is out of range", f"allowed: {hint}")


def _exact(kind: type, value: Any, target: Any) -> Any:
    if type(value) is not kind:
        raise Mismatch(f"expected {NAMES[kind]}, got {describe(value)}")
    return value if target is kind else target(value)  # an enumeration of strings, say


def _number(value: Any, _: Any) -> float:
    if type(value) not in (int, float) or math.isnan(value):
        raise Mismatch(f"expected a number, got {describe(value)}")
    return float(value)


def _path(value: Any, _: Any) -> Path:
    if not isinstance(value, str | Path):
        raise Mismatch(f"expected a path, got {describe(value)}")
    return Path(value)


def _literal(value: Any, annotation: Any) -> Any:
    _check_choice(value, get_args(annotation))
    return value


def _is_literal(annotation: Any) -> bool:
    return get_origin(annotation) is Literal


def _strict_converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    for kind in (bool, int, str):
        converter.register_structure_hook(kind, partial(_exact, kind))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(Path, _path)
    converter.register_structure_hook_func(_is_literal, _literal)
    return converter


_converter: Final = _strict_converter()
