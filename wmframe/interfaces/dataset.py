"""VideoDataset: one collection of videos, in its publisher's layout."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

from wmframe.errors import MissingError

USE: Final = ("path", "weight", "damaged")
"""Settings that locate the shards and configure their use, but not their content."""


@attrs.frozen
class Counts:
    """The size of a split.

    Attributes:
        videos: number of videos.
        frames: of all videos; None if unknown.
    """

    videos: int
    frames: int | None = None


@attrs.frozen
class RawVideo:
    """One video of a dataset, not yet decoded.

    Attributes:
        key: unique in the dataset; letters, digits, ``-`` and ``_``.
        path: its file, or the folder of its frames.
        label: its label, if the publisher has one.
        start: first frame that belongs to it.
        stop: one past its last frame; None for all.
    """

    key: str
    path: Path
    label: str = ""
    start: int = 0
    stop: int | None = None


class VideoDataset(ABC):
    """Finds, lists, splits and decodes raw videos; the core packs them into shards and reads those.

    It is pickled to worker processes, so it holds settings only, and its module does not import
    torch. Its config derives from :class:`wmframe.data.shards.config.PackedConfig`.

    Args:
        path: folder of its packed shards, with one folder per split; empty if there is none.
        weight: sampling weight relative to the others of a mixture.
        damaged: ``refuse`` or ``skip`` shards and clips that cannot be read.
    """

    name: str
    """Its name in shards and reports."""

    def __init__(self, path: str = "", weight: float = 1.0, damaged: str = "refuse") -> None:
        self.path = path
        self.weight = weight
        self.damaged = damaged

    def shards(self, split: str) -> Path:
        """The folder with the packed shards of ``split`` (``train`` or ``val``).

        A dataset that can be generated overrides this and creates the folder on first use.

        Raises:
            MissingError: the recipe does not set the path, or it does not exist.
        """
        pack = f"wmframe videos pack {self.name} --root RAW --out FOLDER"
        if not self.path:
            raise MissingError(
                f"where the shards of {self.name} are is not set",
                f'set its path to their folder; "{pack}" makes them',
            )
        folder = Path(self.path).expanduser() / split
        if not folder.is_dir():
            raise MissingError(
                f"{folder} is not there", f'"{pack} --split {split}" makes it, or change path'
            )
        return folder

    @abstractmethod
    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """Every video of ``split`` (``train`` or ``val``) below ``root``, in a fixed order.

        Raises:
            MissingError: a part of the publisher's layout is missing; the message names it and the
                hint says where to get it.
        """

    @abstractmethod
    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """The video's frames, uint8 [T, size, size, 3], RGB.

        Raises:
            DamagedError: the file cannot be read; packing reports it and continues.
        """

    def expected(self, root: Path, split: str) -> Counts | None:
        """The publisher's size of ``split``; the packed videos are compared with it.

        None, the default, if unknown or if the settings select a part.
        """
        return None

    def identity(self) -> Mapping[str, Any]:
        """Everything that determines the videos, as JSON; shards of different content are not
        extended.

        By default all attributes except those of :data:`USE` and those that begin with ``_``.
        """
        slots = [name for base in type(self).__mro__ for name in getattr(base, "__slots__", ())]
        names = sorted({*getattr(self, "__dict__", {}), *slots} - {*USE})
        shown = [name for name in names if not name.startswith("_") and hasattr(self, name)]
        return {name: getattr(self, name) for name in shown}

    def card(self) -> dict[str, str]:
        """Facts for ``wmframe describe``: size, licence, source, citation."""
        return {}
