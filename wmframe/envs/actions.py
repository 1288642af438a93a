"""Between an environment's actions and the vectors that agents produce."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.errors import SimulatorError
from wmframe.types import ActionSpec

Vector = NDArray[np.float32]


class ActionCodec:
    """Translates one action space; vectors are float32 [A].

    A Box is rescaled from [-1, 1] to its bounds (an infinite bound leaves its entry as it is);
    Discrete and MultiDiscrete become one-hot groups.

    Raises:
        SimulatorError: the space is of another type.
    """

    spec: ActionSpec

    def __init__(self, space: spaces.Space[Any]) -> None:
        self.space = space
        if isinstance(space, spaces.Box):
            bounded = np.isfinite(space.low) & np.isfinite(space.high)
            low, high = np.where(bounded, space.low, -1.0), np.where(bounded, space.high, 1.0)
            self._centre, self._half = (low + high) / 2, (high - low) / 2
            self.spec = ActionSpec(int(np.prod(space.shape)), discrete=False)
        elif isinstance(space, spaces.Discrete | spaces.MultiDiscrete):
            sizes = np.ravel(space.n if isinstance(space, spaces.Discrete) else space.nvec)
            groups = tuple(int(size) for size in sizes)
            self.spec = ActionSpec(sum(groups), discrete=True, groups=groups)
        else:
            raise SimulatorError(
                f"actions of type {type(space).__name__} are not supported",
                "wrap the environment so that it acts in a Box, a Discrete or a MultiDiscrete",
            )

    def encode(self, action: Any) -> Vector:
        """The vector of an environment's action."""
        if not isinstance(self.space, spaces.Discrete | spaces.MultiDiscrete):
            scaled = (np.asarray(action, np.float64) - self._centre) / self._half
            return np.asarray(scaled, np.float32).ravel()
        indices = np.ravel(np.asarray(action) - self.space.start)
        return self._one_hot(indices)

    def decode(self, vector: NDArray[Any]) -> Any:
        """The environment's action of a vector; values outside [-1, 1] are clipped."""
        space = self.space
        if isinstance(space, spaces.Discrete):
            return space.dtype.type(space.start + np.argmax(vector))
        if isinstance(space, spaces.MultiDiscrete):
            groups = np.split(vector, np.cumsum(self.spec.groups)[:-1])
            chosen = np.array([np.argmax(group) for group in groups]).reshape(space.shape)
            return (chosen + space.start).astype(space.dtype)
        clipped = np.clip(np.asarray(vector, np.float64), -1, 1).reshape(self._half.shape)
        return (self._centre + clipped * self._half).astype(space.dtype)

    def sample(self, rng: np.random.Generator) -> Vector:
        """A vector drawn uniformly, from [-1, 1] or from the choices of each group."""
        if not self.spec.discrete:
            return rng.uniform(-1, 1, self.spec.size).astype(np.float32)
        return self._one_hot(rng.integers(self.spec.groups))

    def _one_hot(self, indices: NDArray[Any]) -> Vector:
        vector = np.zeros(self.spec.size, np.float32)
        offsets = np.cumsum((0, *self.spec.groups[:-1]))
        vector[offsets + indices] = 1.0
        return vector
