"""One array of an action, as entries of a vector: floats, integers in bins, or one-hot groups."""

from __future__ import annotations

from typing import Any, Final, Protocol

import attrs
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.envs.observing import declared, fitted
from wmframe.errors import SimulatorError

Vector = NDArray[np.float32]
Choice = spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary

BINS: Final = 2**24
"""The most values of an integer that an entry of a float32 vector in [-1, 1] tells apart."""

ENTRIES: Final = 2**16
"""The most entries of a vector."""


class Part(Protocol):
    """Translates one array; its vector has ``size`` entries."""

    size: int

    def encode(self, action: Any) -> NDArray[Any]:
        """The entries [size] of an array."""

    def decode(self, vector: NDArray[Any]) -> Any:
        """The array of entries [size]."""


class Floats:
    """A Box of floats: [-1, 1] is stretched over entries with two bounds.

    Others keep [-1, 1], moved as far as it takes to lie inside where there is one bound.

    Attributes:
        open: whether some entry lacks a bound, so that not all of its range is used.
    """

    def __init__(self, space: spaces.Box) -> None:
        self._space, self.size = space, int(np.prod(space.shape))
        low, high = space.low.astype(np.float64), space.high.astype(np.float64)
        bounded = np.isfinite(low) & np.isfinite(high)
        self.open = not bounded.all()
        shift = np.where(np.isfinite(low), np.maximum(low + 1, 0), np.minimum(high - 1, 0))
        with np.errstate(invalid="ignore"):  # infinite bounds, which the other branch is for
            self._centre = np.where(bounded, low / 2 + high / 2, np.where(bounded, 0, shift))
            self._half = np.where(bounded, high / 2 - low / 2, 1.0)

    def encode(self, action: Any) -> NDArray[Any]:
        """Entries in [-1, 1]; 0 where both bounds are the same."""
        away = np.asarray(action, np.float64) - self._centre
        return np.ravel(np.divide(away, self._half, out=np.zeros_like(away), where=self._half > 0))

    def decode(self, vector: NDArray[Any]) -> Any:
        """The array; entries outside [-1, 1] are clipped."""
        space: Any = self._space
        clipped = np.clip(np.asarray(vector, np.float64), -1, 1).reshape(space.shape)
        action = np.asarray(self._centre + clipped * self._half).astype(space.dtype)
        return np.clip(action, space.low, space.high, out=action)  # as rounding may leave them


class Bins:
    """Integers: [-1, 1] falls into equal bins, one for each value; a value is its bin's centre."""

    def __init__(self, low: Any, high: Any, dtype: np.dtype[Any]) -> None:
        self._wide: Any = np.uint64 if dtype.kind == "u" else np.int64
        self._low, self._dtype = np.asarray(low).astype(self._wide), dtype
        exact = np.asarray(high).astype(object) - np.asarray(low).astype(object) + 1
        most = max(np.ravel(exact), default=0)
        if most > BINS:
            raise SimulatorError(
                f"actions have an integer with {most} values, more than the {BINS} that a float32 "
                "tells apart",
                "wrap the environment so that the integer has narrower bounds, or is a float",
            )
        self._count = np.asarray(exact).astype(np.int64)
        self.size = int(self._count.size)

    def encode(self, action: Any) -> NDArray[Any]:
        """The centres of the values' bins."""
        index = (np.asarray(action).astype(self._wide) - self._low).astype(np.int64)
        return np.ravel((2 * index + 1) / self._count - 1)

    def decode(self, vector: NDArray[Any]) -> Any:
        """The values of the bins that the entries fall into; those outside [-1, 1] are clipped."""
        clipped = np.clip(np.asarray(vector, np.float64), -1, 1).reshape(self._count.shape)
        index = np.minimum(np.floor((clipped + 1) / 2 * self._count), self._count - 1)
        return np.asarray(self._low + index.astype(self._wide)).astype(self._dtype)


class OneHot:
    """Choices: a group of entries each, of which the largest is taken.

    Attributes:
        groups: how many choices each has.
    """

    def __init__(self, space: Choice) -> None:
        self._space = space
        self._start, sizes = _range(space)
        self.groups = tuple(map(int, np.ravel(sizes)))
        self.size = sum(self.groups)
        self._offsets = np.cumsum((0, *self.groups[:-1]))

    def encode(self, action: Any) -> Vector:
        """1 at each choice, 0 elsewhere."""
        vector = np.zeros(self.size, np.float32)
        chosen = np.ravel(np.asarray(action).astype(np.int64) - self._start)
        vector[self._offsets + chosen] = 1.0
        return vector

    def decode(self, vector: NDArray[Any]) -> Any:
        """The choices."""
        groups = np.split(np.asarray(vector), self._offsets[1:])
        best = np.array([np.argmax(group) for group in groups], np.int64)
        dtype: Any = self._space.dtype
        chosen = (best.reshape(self._start.shape) + self._start).astype(dtype)
        return chosen if self._start.shape else dtype.type(chosen)


def _range(space: Choice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First value and number of values of each choice."""
    if isinstance(space, spaces.MultiBinary):
        return np.zeros(space.shape, np.int64), np.full(space.shape, 2, np.int64)
    counts = space.n if isinstance(space, spaces.Discrete) else space.nvec
    return np.asarray(space.start, np.int64), np.asarray(counts, np.int64)


def part(space: spaces.Space[Any], ordered: bool) -> Part:
    """How one array is translated.

    Args:
        space: a Box or a space of choices.
        ordered: put choices in bins like integers, for an action that has floats too.
    """
    if isinstance(space, spaces.Box):
        dtype: Any = space.dtype
        return Floats(space) if dtype.kind == "f" else Bins(space.low, space.high, dtype)
    assert isinstance(space, Choice)  # ActionCodec refuses every other
    if not ordered:
        return OneHot(space)
    start, counts = _range(space)
    return Bins(start, start + counts - 1, np.dtype(space.dtype))


def legal(space: spaces.Space[Any], value: Any, name: str) -> NDArray[Any]:
    """A value of one array's space, checked.

    Raises:
        SimulatorError: it is none.
    """
    wanted = attrs.evolve(declared(space), largest=np.inf)
    return fitted(name, wanted.fit, value)
