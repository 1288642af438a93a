"""Observations of an environment: images of one size, and named vectors."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from PIL import Image

from wmframe.checks import Declared, describe
from wmframe.envs.action_parts import OneHot
from wmframe.envs.observing import RESERVED, declared, fitted
from wmframe.envs.simulator import Observation, vector
from wmframe.envs.spaces import Leaf, Path, at, leaves, named
from wmframe.errors import SimulatorError

MIN_SIDE: Final = 32
"""Pixels. Smaller arrays are grids of codes, such as MiniGrid's 7x7, and no images."""

FLAT: Final = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
"""Spaces that become vectors. Texts, graphs and sequences have no fixed length and are omitted."""


def is_image(space: spaces.Space[Any], min_side: int = 1) -> bool:
    """Whether a space holds uint8 [H, W], [H, W, 1] or [H, W, 3] of at least ``min_side``."""
    if not isinstance(space, spaces.Box) or space.dtype != np.uint8:
        return False
    shape = space.shape
    planes = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))
    return planes and min(shape[:2]) >= min_side


def square(image: NDArray[Any], size: int) -> NDArray[np.uint8]:
    """An image, uint8 [H, W], [H, W, 1] or [H, W, 3], as [size, size, 1 or 3].

    It is resized, not cropped, with an antialiased bicubic filter; a grid of codes (see
    :data:`MIN_SIDE`) is enlarged without interpolation.
    """
    planes = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    if planes.shape[:2] != (size, size):
        coarse = min(planes.shape[:2]) < MIN_SIDE
        how = Image.Resampling.NEAREST if coarse else Image.Resampling.BICUBIC
        planes = np.asarray(Image.fromarray(planes).resize((size, size), how))
    return planes if planes.ndim == 3 else planes[..., None]


class Sight:
    """Selects observations of a space and converts them.

    Args:
        space: the environment's.
        images: whether to see observed images.
        min_side: the least side of an array that counts as one.
        vectors: whether to see the rest as vectors.
        size: side of the images.
    """

    def __init__(
        self, space: spaces.Space[Any], *, images: bool, min_side: int, vectors: bool, size: int
    ) -> None:
        self._size = size
        parts = list(leaves(space))
        pictures = [leaf for leaf in parts if images and is_image(leaf[1], min_side)]
        flat = [leaf for leaf in parts if leaf not in pictures and _is_flat(leaf[1])]
        flat = flat if vectors else []
        shown, told = _image_names(pictures), [_vector_name(path) for path, _ in flat]
        _check_apart([*shown, *told], [path for path, _ in (*pictures, *flat)])
        self._images = {n: Part(n, *leaf) for n, leaf in zip(shown, pictures, strict=True)}
        self._vectors = {n: Part(n, *leaf) for n, leaf in zip(told, flat, strict=True)}

    @property
    def has_image(self) -> bool:
        """Whether there is an ``image``."""
        return bool(self._images)

    def spaces(self) -> dict[str, spaces.Space[Any]]:
        """The space of each key: uint8 [size, size, 1 or 3], or float32 [D]."""
        images = {key: _image_space(part.space, self._size) for key, part in self._images.items()}
        flat = {key: vector(spaces.flatdim(part.space)) for key, part in self._vectors.items()}
        return {**images, **flat}

    def __call__(self, observation: Any) -> Observation:
        """The selected observations; Discrete parts are one-hot.

        Raises:
            SimulatorError: a part is missing, or is not what its space declares.
        """
        images = {k: square(part.find(observation), self._size) for k, part in self._images.items()}
        return {**images, **{k: part.flat(observation) for k, part in self._vectors.items()}}


class Part:
    """One array of an observation.

    Args:
        key: its name in rows.
        path: where it is.
        space: what it is.
    """

    def __init__(self, key: str, path: Path, space: spaces.Space[Any]) -> None:
        self.path, self.space = path, space
        origin = f" ({named(path)})" if path and named(path) != key else ""
        self._name = f"observation {key!r}{origin}"
        floats = isinstance(space, spaces.Box) and space.dtype.kind == "f"
        self._choices: OneHot | None = None
        if isinstance(space, spaces.Discrete | spaces.MultiDiscrete):
            self._choices = OneHot(space)
        self._declared: Declared = declared(space, np.float32 if floats else None)

    def find(self, observation: Any) -> NDArray[Any]:
        """The array, checked."""
        value = at(observation, self.path, "observation")
        return fitted(self._name, self._declared.fit, value)

    def flat(self, observation: Any) -> NDArray[np.float32]:
        """The array as a vector, float32 [D]."""
        array = self.find(observation)
        if self._choices is not None:
            return self._choices.encode(array)
        return array.astype(np.float32).ravel()


def _image_space(space: spaces.Space[Any], size: int) -> spaces.Box:
    shape = space.shape or ()
    return spaces.Box(0, 255, (size, size, shape[2] if len(shape) == 3 else 1), np.uint8)


def _is_flat(space: spaces.Space[Any]) -> bool:
    """Whether a space becomes a vector: pictures are too long for that, others are empty."""
    some = space.shape is not None and 0 not in space.shape
    return some and isinstance(space, FLAT) and not is_image(space, MIN_SIDE)


def _image_names(pictures: list[Leaf]) -> list[str]:
    """``image`` for the one called so, else for the first; their own names for the others."""
    names = [named(path) or "image" for path, _ in pictures]
    first = names if "image" in names else ["image", *names[1:]][: len(names)]
    return [f"obs_{name}" if name in RESERVED else name for name in first]


def _vector_name(path: Path) -> str:
    name = named(path) or "observation"
    return f"obs_{name}" if name in {"image", *RESERVED} else name


def _check_apart(names: list[str], paths: list[Path]) -> None:
    """See that no two parts have one name, under which one would be lost."""
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        same = [repr(path) for n, path in zip(names, paths, strict=True) if n == name]
        message = f"{count} observations would be called {name!r}: those at {' and '.join(same)}"
        raise SimulatorError(message, "rename one of them by a wrapper")


def rendered(frame: Any, size: int) -> NDArray[np.uint8]:
    """What ``render()`` gave as an image [size, size, 3].

    Raises:
        SimulatorError: it is no RGB picture.
    """
    hint = 'let it return one uint8 [H, W, 3], or set pixels = "observation" or "none"'
    picture = np.asarray(frame) if isinstance(frame, np.ndarray) else np.empty(0)
    planes = picture.ndim == 3 and picture.shape[2] in (3, 4) and picture.size > 0
    if not planes or picture.dtype.kind not in "iu":
        got = "nothing" if frame is None else describe(frame)
        raise SimulatorError(f"the environment's render() gives {got}, no RGB picture", hint)
    whole = fitted("what render() gives", Declared(picture.shape, np.uint8).fit, picture)
    return square(np.ascontiguousarray(whole[..., :3]), size)
