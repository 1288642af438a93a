"""Single JSON values: validation by Python type, and their display in messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

LEVELS: Final = 64
"""Maximum nesting of a value without a form."""

WIDEST: Final = 256
"""Maximum bits of an integer without a form; states of random generators have 128."""

SHOWN: Final = 40
"""Maximum letters of a value in messages."""

Checker = Callable[[Any], Any]

NAMES: Final[Mapping[Any, str]] = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "text",
    type(None): "null",
}


class MalformedError(ValueError):
    """JSON that does not fit its form; the message begins with the place."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.message, self.place = message, place

    def below(self, step: str) -> MalformedError:
        """The same error with an outer place prepended."""
        joint = "." if self.place and not self.place.startswith("[") else ""
        return MalformedError(self.message, f"{step}{joint}{self.place}")


def natural(value: int) -> None:
    """For ``Annotated``: not negative."""
    if value < 0:
        raise ValueError(f"{value} is negative")


Natural = Annotated[int, natural]


def say(value: Any) -> str:
    """A value as shown in messages."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "an array"
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"
    shown = repr(value)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."


def expected(what: str, value: Any) -> MalformedError:
    """The error of a value of another type."""
    return MalformedError(f"expected {what}, found {say(value)}")


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise expected(NAMES[bool], value)


def _integer(value: Any) -> int:
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    raise expected(NAMES[int], value)


def _number(value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int and value.bit_length() < 1024:
        return float(value)
    raise expected(NAMES[float], value)


def text(value: Any) -> str:
    """A string that can be written and printed."""
    if not isinstance(value, str):
        raise expected(NAMES[str], value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise MalformedError(f"{say(value)} is not valid Unicode") from error
    return value


def _nothing(value: Any) -> None:
    if value is not None:
        raise expected(NAMES[type(None)], value)


def _anything(value: Any) -> Any:
    level = [value]
    for _ in range(LEVELS):
        if not level:
            return value
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner += one.values()
                for key in one:
                    text(key)
            elif isinstance(one, list):
                inner += one
            elif isinstance(one, str):
                text(one)
            elif isinstance(one, int) and one.bit_length() > WIDEST:
                raise MalformedError(f"{say(one)} is too large")
        level = inner
    raise MalformedError(f"it is nested more than {LEVELS} levels deep")


SCALARS: Final[Mapping[Any, Checker]] = {
    bool: _boolean,
    int: _integer,
    float: _number,
    str: text,
    None: _nothing,
    type(None): _nothing,
    Any: _anything,
}
