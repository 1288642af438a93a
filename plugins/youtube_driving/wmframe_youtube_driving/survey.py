"""What there is of YouTubeDriving below a folder.

The publisher's archive gives ``newytb/dir-7/NUMBER.jpg``, where a number that is left out begins
another video. The reference's script prepares ``dir-7_0/0.jpg`` and so on from it, 64x64 pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import numpy as np
from PIL import Image

from wmframe.data.folders import walk
from wmframe.errors import MissingError, UsageError
from wmframe.interfaces.dataset import RawVideo

URL: Final = "https://github.com/metadriverse/ACO#dataset"

DEPTH: Final = 3
"""How many folders below the root are looked into."""

FRAME: Final = re.compile(r"(0|[1-9]\d*)\.jpg")
PREPARED: Final = re.compile(r"(.+)_\d+")
LIST: Final = re.compile(r"ytb_(train|eval)\.txt")


@attrs.frozen
class Run(RawVideo):
    """A run of consecutive frames as a video; ``start`` and ``stop`` are numbers of its files.

    Attributes:
        every: from one number to the next.
        origin: the publisher's folder that it is from.
    """

    every: int = 1
    origin: str = ""

    @property
    def numbers(self) -> range:
        """Of its frames."""
        return range(self.start, self.start if self.stop is None else self.stop, self.every)


@attrs.frozen
class Survey:
    """Folders and files by what they are for.

    Attributes:
        root: what is looked below.
        folders: those with frames in them, each with the numbers of its frames in order.
        lists: ``train`` and ``val``, list files.
        archives: what is still packed.
    """

    root: Path
    folders: dict[Path, np.ndarray] = attrs.field(factory=dict)
    lists: dict[str, Path] = attrs.field(factory=dict)
    archives: list[Path] = attrs.field(factory=list)

    def take(self, folder: Path, names: list[str]) -> None:
        """Note what the files of a folder are."""
        found = [int(match[1]) for name in names if (match := FRAME.fullmatch(name))]
        if found:
            self.folders[folder] = np.sort(np.array(found, np.int64))
        for name in names:
            if match := LIST.fullmatch(name):
                self.lists.setdefault("val" if match[1] == "eval" else "train", folder / name)
            elif name == "ytb.zip":
                self.archives.append(folder / name)

    def chosen(self, source: str) -> tuple[str, list[Path]]:
        """The folders to read, and whether they are ``raw`` or ``prepared``.

        Args:
            source: ``raw``, ``prepared``, or ``auto``, which prefers the former.

        Raises:
            UsageError: two folders have one name.
        """
        prepared = [folder for folder, found in self.folders.items() if is_prepared(folder, found)]
        raw = [folder for folder in self.folders if folder not in prepared]
        kind = ("raw" if raw else "prepared") if source == "auto" else source
        folders = (raw if kind == "raw" else prepared) or list(self.folders)
        by_name: dict[str, Path] = {}
        for folder in folders:
            other = by_name.setdefault(key_of(folder.name), folder)
            if other != folder:
                message = f"{other} and {folder} would be the same video"
                raise UsageError(message, "give --root the folder above one of them")
        return kind, folders

    def runs(self, source: str, *, skip: int, every: int) -> list[Run]:
        """Every video there is; see :meth:`chosen` and :func:`runs_of`.

        Raises:
            MissingError: there are none.
        """
        kind, folders = self.chosen(source)
        found: list[Run] = []
        for folder in folders:
            numbers = self.folders[folder]
            if kind == "prepared":
                found.append(prepared_run(folder, numbers))
            else:
                found += runs_of(folder, numbers, skip=skip, every=every)
        if not found:
            raise MissingError(
                f"no run of frames below {self.root} is long enough to keep any, when the first "
                f"{skip} are skipped and the others thinned by {every}",
                "set skip and every to less",
            )
        return found


def survey(root: Path) -> Survey:
    """Look below a folder.

    Raises:
        MissingError: it is none, or there are no frames.
    """
    found = Survey(root)
    for folder, _, files in walk(root, DEPTH):
        found.take(folder, files)
    if not found.folders:
        how = f"unzip {found.archives[0]}" if found.archives else f"get the frames from {URL}"
        raise MissingError(
            f"below {root} are no folders of frames, such as newytb/dir-0/100.jpg", how
        )
    return found


def is_prepared(folder: Path, numbers: np.ndarray) -> bool:
    """Whether a folder is called like ``dir-7_0`` and its first frame, if it opens, is square."""
    if not PREPARED.fullmatch(folder.name):
        return False
    try:
        with Image.open(folder / f"{numbers[0]}.jpg") as image:
            return image.width == image.height
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return True


def runs_of(folder: Path, numbers: np.ndarray, *, skip: int, every: int) -> Iterator[Run]:
    """The videos of a raw folder, ``FOLDER_0`` and so on; runs that are too short have none.

    Args:
        folder: of the frames.
        numbers: of its frames, in order.
        skip: frames left out at the beginning of each run.
        every: numbers that it divides are kept.
    """
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    for count, run in enumerate(np.split(numbers, breaks)):
        start, stop = -(-(int(run[0]) + skip) // every) * every, int(run[-1]) + 1
        if start < stop:
            key = key_of(f"{folder.name}_{count}")
            yield Run(key, folder, start=start, stop=stop, every=every, origin=folder.name)


def prepared_run(folder: Path, numbers: np.ndarray) -> Run:
    """A prepared folder as one video; frames that are missing show when it is decoded."""
    match = PREPARED.fullmatch(folder.name)
    origin = match[1] if match else folder.name
    return Run(key_of(folder.name), folder, stop=int(numbers[-1]) + 1, origin=origin)


def key_of(name: str) -> str:
    """A name with what a key cannot hold replaced."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)
