"""Validation of external values: shape, dtype, range, finiteness.

Values of environments, datasets and replays are checked where they enter. Lossless conversions are
made; everything else is a :class:`Misfit`, to which the caller adds the place.
"""

from __future__ import annotations

import math
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

LARGEST: Final = 1e18
"""Floats of at least this size are refused: their squares overflow float32 in losses."""

HALF: Final = 65505.0
"""Beyond the greatest float16."""

EXACT: Final = 2**53
"""Below this every integer is a float64."""

NUMBERS: Final = "biuf"
"""Kinds of numpy dtypes that are numbers here: bool, integers and floats."""


class Misfit(ValueError):
    """A value is not what was declared; reads on from the name of the value.

    Attributes:
        hint: what to do.
    """

    def __init__(self, got: str, wanted: str, hint: str) -> None:
        super().__init__(f"is {got}; declared is {wanted}")
        self.hint = hint


@attrs.frozen
class Declared:
    """What an array has to be.

    Attributes:
        shape: its shape.
        dtype: its dtype.
        low: the least value, for integers alone; floats only have to be finite, as many
            environments leave the bounds that they declare by a little.
        high: the greatest value.
        largest: the absolute value that floats have to be below.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any] = attrs.field(converter=np.dtype)
    low: NDArray[Any] | None = None
    high: NDArray[Any] | None = None
    largest: float = LARGEST

    def fit(self, value: Any) -> NDArray[Any]:
        """The value as an array of this shape and dtype; not a copy where it is one already.

        Lossless are: lists for arrays, one entry whatever its dimensions, narrower or wider types
        that hold the value, and whole floats for integers, except in pictures, where 0.0 and 1.0
        rather mean black and white.

        Raises:
            Misfit: it is none, or something would be lost.
        """
        array = self._shaped(value)
        if array.dtype.kind not in NUMBERS:
            raise self._misfit(value, "give an array of numbers")
        if self.dtype.kind == "f":
            return self._floats(array)
        if array.dtype != self.dtype and not np.can_cast(array.dtype, self.dtype):
            self._check_whole(array)
        if self.low is not None and not self._inside(array):
            raise self._misfit(array, "correct the value, or the bounds that its space declares")
        return array.astype(self.dtype, copy=False)

    def _shaped(self, value: Any) -> NDArray[Any]:
        try:
            array = np.asarray(value)
        except (ValueError, TypeError, RuntimeError) as error:  # ragged lists; tensors elsewhere
            raise self._misfit(value, f"give one array: {error}") from error
        if array.shape == self.shape:
            return array
        if array.size == 1 and math.prod(self.shape) == 1:
            return array.reshape(self.shape)
        hint = "give arrays of the declared shape, or declare the shape that they have"
        raise self._misfit(value, "give an array of numbers" if array.dtype == object else hint)

    def _floats(self, array: NDArray[Any]) -> NDArray[Any]:
        floats = array if array.dtype.kind == "f" else array.astype(np.float64)
        limit = self.largest if self.dtype.itemsize > 2 else HALF
        if floats.size and not float(np.abs(floats).max()) < limit:  # false for NaN too
            raise self._misfit(array, _float_hint(floats))
        return array.astype(self.dtype, copy=False)

    def _check_whole(self, array: NDArray[Any]) -> None:
        if array.dtype.kind == "f":
            if self.dtype == np.uint8 and len(self.shape) > 1:
                hint = "give bytes: (255 * x).astype(np.uint8) of a picture x in [0, 1]"
                raise self._misfit(array, hint)
            whole = np.isfinite(array) & (np.abs(array) < EXACT)
            if not whole.all() or (np.rint(array) != array).any():
                raise self._misfit(array, "declare a float dtype, or give whole numbers")
        low, high = _limits(self.dtype)
        if array.size and not low <= int(array.min()) <= int(array.max()) <= high:
            hint = f"give values from {low} to {high}, or declare a dtype that holds them"
            raise self._misfit(array, hint)

    def _inside(self, array: NDArray[Any]) -> bool:
        return bool(np.all(array >= self.low) and np.all(array <= self.high))

    def _misfit(self, value: Any, hint: str) -> Misfit:
        wanted = f"{self.dtype} {list(self.shape)}"
        if self.low is not None and self.high is not None and self.low.size:
            wanted += f" from {self.low.min()} to {self.high.max()}"
        return Misfit(describe(value), wanted, hint)


ONE: Final = "give one number; sum or choose among several"

_NUMBER: Final = Declared((), np.float64)
_FLAG: Final = Declared((), np.bool_)


def number(value: Any) -> float:
    """A finite number; an array of one entry is one.

    Raises:
        Misfit: it is anything else.
    """
    if type(value) is float and -LARGEST < value < LARGEST:  # false for NaN too
        return value
    try:
        return float(_NUMBER.fit(value))
    except Misfit as error:
        hint = error.hint if isinstance(value, float | np.floating) else ONE
        raise Misfit(describe(value), "one finite number", hint) from None


def flag(value: Any) -> bool:
    """True or false; 0, 1 and an array of one entry are that too.

    Raises:
        Misfit: it is anything else, such as None or a text.
    """
    if isinstance(value, bool):
        return value
    try:
        return bool(_FLAG.fit(value))
    except Misfit:
        raise Misfit(describe(value), "True or False", "convert it with bool()") from None


def describe(value: Any) -> str:
    """A value in a few words: dtype, shape and range of an array, else the value itself."""
    if isinstance(value, str | bytes) or np.ndim(_tried(value)) == 0:
        return _shortened(value)
    array = _tried(value)
    text = f"{array.dtype} {list(array.shape)}"
    if array.dtype.kind not in NUMBERS + "O" or not array.size:
        return text
    strange = _no_numbers(array) if array.dtype == object else ~np.isfinite(array)
    if strange.any():
        first = tuple(int(at[0]) for at in np.nonzero(strange))
        return f"{text} with {_shortened(array[first])} at {list(first)}"
    return text if array.dtype == object else f"{text} from {array.min():g} to {array.max():g}"


def _no_numbers(array: NDArray[Any]) -> NDArray[np.bool_]:
    answers = [not isinstance(entry, bool | int | float | np.number) for entry in array.flat]
    return np.array(answers).reshape(array.shape)


def _tried(value: Any) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except (ValueError, TypeError, RuntimeError):
        return np.array(None)


def _shortened(value: Any) -> str:
    if isinstance(value, np.generic | np.ndarray):
        value = value.item()
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    if dtype.kind == "b":
        return 0, 1
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def _float_hint(array: NDArray[Any]) -> str:
    if not np.isfinite(array).all():
        return "find out where the value comes from; a wrapper can replace it or end the episode"
    return f"scale the value to less than {LARGEST:g}: greater ones overflow in the losses"
