"""What an agent sees of an environment: images of one size, and vectors under their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any, Final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from PIL import Image

from wmframe.envs.rows import FLAGS
from wmframe.envs.simulator import Observation, vector
from wmframe.errors import SimulatorError

Path = tuple[str | int, ...]
Leaf = tuple[Path, spaces.Space[Any]]

MIN_SIDE: Final = 32
"""Pixels. Smaller arrays are grids of codes, such as MiniGrid's 7x7, and no pictures."""

RESERVED: Final = ("image", "action", "reward", *FLAGS)
"""Names that a vector cannot have."""

FLAT: Final = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
"""What becomes a vector. Texts, graphs and sequences, which have no fixed length, are left out."""


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


def is_image(space: spaces.Space[Any], min_side: int = 1) -> bool:
    """Whether a space holds uint8 [H, W], [H, W, 1] or [H, W, 3] of at least ``min_side``."""
    if not isinstance(space, spaces.Box) or space.dtype != np.uint8:
        return False
    shape = space.shape
    planes = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))
    return planes and min(shape[:2]) >= min_side


def square(image: NDArray[Any], size: int) -> NDArray[np.uint8]:
    """An image, uint8 [H, W], [H, W, 1] or [H, W, 3], as [size, size, 1 or 3].

    It is squashed, not cropped, by a bicubic filter that averages what it shrinks; a grid of codes
    (see :data:`MIN_SIDE`) is enlarged without mixing them.
    """
    planes = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    if planes.shape[:2] != (size, size):
        coarse = min(planes.shape[:2]) < MIN_SIDE
        how = Image.Resampling.NEAREST if coarse else Image.Resampling.BICUBIC
        planes = np.asarray(Image.fromarray(planes).resize((size, size), how))
    return planes if planes.ndim == 3 else planes[..., None]


class Sight:
    """Chooses what is seen of an observation space, and makes it from observations.

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
        self._images = dict(zip(_image_names(pictures), pictures, strict=True))
        flat = [leaf for leaf in parts if leaf not in pictures and _is_flat(leaf[1])]
        self._vectors = {_vector_name(leaf[0]): leaf for leaf in flat} if vectors else {}

    @property
    def has_image(self) -> bool:
        """Whether there is an ``image``."""
        return bool(self._images)

    def spaces(self) -> dict[str, spaces.Space[Any]]:
        """The space of each key: uint8 [size, size, 1 or 3], or float32 [D]."""
        images = {key: _image_space(s, self._size) for key, (_, s) in self._images.items()}
        return {**images, **{k: vector(spaces.flatdim(s)) for k, (_, s) in self._vectors.items()}}

    def __call__(self, observation: Any) -> Observation:
        """What is seen of an observation; Discrete parts are one-hot."""
        images = {
            key: square(np.asarray(_at(observation, path)), self._size)
            for key, (path, _) in self._images.items()
        }
        vectors = {
            key: np.asarray(spaces.flatten(s, _at(observation, path)), np.float32)
            for key, (path, s) in self._vectors.items()
        }
        return {**images, **vectors}


def _at(observation: Any, path: Path) -> Any:
    return reduce(lambda inside, key: inside[key], path, observation)


def _image_space(space: spaces.Space[Any], size: int) -> spaces.Box:
    shape = space.shape or ()
    return spaces.Box(0, 255, (size, size, shape[2] if len(shape) == 3 else 1), np.uint8)


def _is_flat(space: spaces.Space[Any]) -> bool:
    """Whether a space becomes a vector: pictures are too long for that."""
    return isinstance(space, FLAT) and not is_image(space, MIN_SIDE)


def _image_names(pictures: list[Leaf]) -> list[str]:
    """``image`` for the one called so, else for the first; their own names for the others."""
    names = ["/".join(map(str, path)) or "image" for path, _ in pictures]
    return names if "image" in names else ["image", *names[1:]][: len(names)]


def _vector_name(path: Path) -> str:
    name = "/".join(map(str, path)) or "observation"
    return f"obs_{name}" if name in RESERVED else name


def rendered(frame: Any, size: int) -> NDArray[np.uint8]:
    """What ``render()`` gave as an image [size, size, 3].

    Raises:
        SimulatorError: it is no RGB picture.
    """
    picture = np.asarray(frame)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4):
        got = f"{picture.dtype} {picture.shape}" if frame is not None else "nothing"
        hint = 'set pixels = "observation" or "none"'
        raise SimulatorError(f"the environment's render() gives {got}, no RGB picture", hint)
    return square(np.ascontiguousarray(picture[..., :3]), size)
