"""Looking through what a dataset was unpacked to: every folder and every file once."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from wmframe.errors import MissingError, printable_name

NAMED: Final = 3
"""How many of the entries that are passed over a warning names."""

FileId = tuple[int, int]
"""Device and inode: what all links to a file have in common."""


def walk(
    root: Path, depth: float = math.inf, searched: Callable[[str], object] = bool
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder with the names of its folders and of its regular files, in order of paths.

    Links are followed, but no folder is entered twice, whatever links lead to it: a folder counts
    where it is, or else at its first link. A link to ``root`` or above it is passed over. So is
    what is neither a folder nor a regular file (a pipe, a device, a link to nothing) and what
    cannot be read, with a warning.

    Args:
        root: where to begin.
        depth: how many folders below ``root`` are looked into.
        searched: by a folder's name, whether to look into it; hidden ones are left out anyway.

    Raises:
        MissingError: ``root`` is no folder.
    """
    if not root.is_dir():
        raise MissingError(f"{root} is no folder", "--root is the folder that the dataset is in")
    found = Walk(root, depth, searched)
    yield from found.places()
    _warn("no regular files", found.odd)
    _warn("links to a folder that the search is in", found.upwards)
    _warn("cannot be read", found.closed)


class Walk:
    """A search below a folder; the arguments are those of :func:`walk`."""

    def __init__(self, root: Path, depth: float, searched: Callable[[str], object]) -> None:
        self.root, self.depth, self.searched = root, depth, searched
        self.odd: list[Path] = []
        self.upwards: list[Path] = []
        self.closed: list[Path] = []
        self._found: dict[FileId, tuple[Path, list[str], list[str]]] = {}
        self._links = [root]
        self._above = {file_id(folder) for folder in root.resolve().parents}

    def places(self) -> list[tuple[Path, list[str], list[str]]]:
        """All folders: those that are below without links first, then what links lead to."""
        for link in iter(self._next_link, None):
            identity = file_id(link)
            if identity in self._above:
                self.upwards.append(link)
            elif identity not in self._found:
                self._enter(link)
        return sorted(self._found.values(), key=lambda place: place[0].parts)

    def _next_link(self) -> Path | None:
        self._links.sort(key=lambda path: path.parts)
        return self._links.pop(0) if self._links else None

    def _enter(self, top: Path) -> None:
        for place, inner, files in os.walk(top, onerror=self._note):
            folder = Path(place)
            inner.sort()
            self._found[file_id(folder)] = folder, [*inner], self._regular(folder, files)
            deep = len(folder.relative_to(self.root).parts) >= self.depth
            wanted = [n for n in inner if not deep and not n.startswith(".") and self.searched(n)]
            links = {name for name in wanted if (folder / name).is_symlink()}
            self._links += [folder / name for name in links]
            known = {name for name in wanted if file_id(folder / name) in self._found}
            inner[:] = [name for name in wanted if name not in links | known]

    def _regular(self, folder: Path, names: list[str]) -> list[str]:
        regular = [name for name in sorted(names) if (folder / name).is_file()]
        self.odd += [folder / name for name in sorted({*names} - {*regular})]
        return regular

    def _note(self, error: OSError) -> None:
        self.closed.append(Path(str(error.filename)))


def once(paths: Iterable[Path]) -> list[Path]:
    """The files among ``paths`` that are not links, hard or symbolic, to another of them.

    A file counts where it is, or else at the first link to it.
    """
    first: dict[FileId, Path] = {}
    paths = list(paths)
    for path in sorted(paths, key=Path.is_symlink):
        first.setdefault(file_id(path), path)
    kept = {*first.values()}
    _warn("further links to files that are there", [path for path in paths if path not in kept])
    return [path for path in paths if path in kept]


def file_id(path: Path) -> FileId:
    """What a file or folder is, by whatever link it is reached."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _warn(what: str, paths: list[Path]) -> None:
    if paths:
        named = ", ".join(printable_name(path) for path in paths[:NAMED])
        more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
        warnings.warn(f"passed over, {what}: {named}{more}", stacklevel=3)
