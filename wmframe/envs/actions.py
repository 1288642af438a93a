"""Translation between an environment's actions and agents' vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wmframe.envs.action_parts import ENTRIES, Choice, Floats, OneHot, Vector, legal, part
from wmframe.envs.spaces import Path, at, leaves, named, rebuilt
from wmframe.errors import SimulatorError
from wmframe.types import ActionSpec

__all__ = ["ActionCodec", "Vector"]


NO_ENTRIES = "wrap the environment so that it takes an action, which it may ignore"


class ActionCodec:
    """Translates one action space; vectors are float32 [A].

    The floats of a Box are stretched from [-1, 1] to their bounds, its integers fall into equal
    bins of [-1, 1], and each choice of a Discrete, MultiDiscrete or MultiBinary is a one-hot
    group. A Dict or a Tuple is its parts one after another; where a Box is among them, choices
    are put in bins like its integers, since a vector holds either groups or values.

    Attributes:
        spec: the agents' view of it.
        open: whether a float has no bound on a side, so that not all of its range is used.

    Raises:
        SimulatorError: the space is of another type, empty, or too large for a vector.
    """

    spec: ActionSpec

    def __init__(self, space: spaces.Space[Any]) -> None:
        self.space = space
        self._leaves = list(leaves(space))
        for path, leaf in self._leaves:
            _check(path, leaf)
        discrete = all(isinstance(leaf, Choice) for _, leaf in self._leaves)
        self._parts = [part(leaf, ordered=not discrete) for _, leaf in self._leaves]
        sizes = [part.size for part in self._parts]
        ends = np.cumsum(sizes).tolist()
        self._cuts = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        groups = [size for part in self._parts if isinstance(part, OneHot) for size in part.groups]
        self.spec = ActionSpec(_whole(sum(sizes), space), discrete, tuple(groups))
        self.open = any(isinstance(part, Floats) and part.open for part in self._parts)

    def encode(self, action: Any) -> Vector:
        """The vector of an environment's action.

        Raises:
            SimulatorError: it is no action of this space; finite floats may be outside its bounds.
        """
        values = []
        for (path, leaf), how in zip(self._leaves, self._parts, strict=True):
            name = f"action {named(path)!r}" if path else "the action"
            values.append(how.encode(legal(leaf, at(action, path, "action"), name)))
        vector: Vector = np.concatenate(values).astype(np.float32)
        return vector

    def decode(self, vector: NDArray[Any]) -> Any:
        """The environment's action of a vector; values outside [-1, 1] are clipped."""
        entries = np.asarray(vector)
        pairs = zip(self._parts, self._cuts, strict=True)
        values = (how.decode(entries[cut]) for how, cut in pairs)
        return rebuilt(self.space, values)

    def sample(self, rng: np.random.Generator) -> Vector:
        """A vector drawn uniformly, from [-1, 1] or from the choices of each group."""
        if not self.spec.discrete:
            return rng.uniform(-1, 1, self.spec.size).astype(np.float32)
        chosen = rng.integers(self.spec.groups)
        vector = np.zeros(self.spec.size, np.float32)
        vector[np.cumsum((0, *self.spec.groups[:-1])) + chosen] = 1.0
        return vector


def _check(path: Path, leaf: spaces.Space[Any]) -> None:
    where = f" at {named(path)!r}" if path else ""
    if not all(isinstance(key, str | int) for key in path):
        raise SimulatorError(f"an action{where} has a key that is no text", "name it by a text")
    if not isinstance(leaf, spaces.Box | Choice):
        raise SimulatorError(
            f"actions of type {type(leaf).__name__}{where} are not supported",
            "wrap the environment so that it acts in a Box, a Discrete, a MultiDiscrete or a "
            "MultiBinary, or in a Dict or a Tuple of them",
        )
    if 0 in (leaf.shape or ()):
        raise SimulatorError(f"the action space {leaf}{where} has no entries", NO_ENTRIES)


def _whole(size: int, space: spaces.Space[Any]) -> int:
    """The size of a vector, if it is one that an agent can produce."""
    if size == 0:
        raise SimulatorError(f"the action space {space} has no entries", NO_ENTRIES)
    if size > ENTRIES:
        hint = "wrap the environment so that it has fewer choices, or acts in an integer Box"
        message = f"actions take a vector of {size} entries, more than {ENTRIES}"
        raise SimulatorError(message, hint)
    return size
