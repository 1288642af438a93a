"""Traversal of a dataset's folder: every folder and every file once."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from wmframe.errors import MissingError, printable_name

NAMED: Final = 3
"""Maximum number of skipped entries named in a warning."""

FileId = tuple[int, int]
"""Device and inode, which all links to a file share."""


def walk(
    root: Path, depth: float = math.inf, searched: Callable[[str], object] = bool
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder with the names of its subfolders and regular files, in the order of paths.

    Links are followed, but no folder is entered twice: a folder counts at its own path, or else at
    its first link. Links to ``root`` or above it are skipped. So are, with a warning, entries that
    are neither folders nor regular files (pipes, devices, broken links) and those that cannot be
    read.

    Args:
        root: the start.
        depth: levels of folders below ``root`` that are searched.
        searched: by a folder's name, whether to search it; hidden ones are always skipped.

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
    """The files among ``paths`` that are no links, hard or symbolic, to another of them.

    A file counts at its own path, or else at the first link to it.
    """
    first: dict[FileId, Path] = {}
    paths = list(paths)
    for path in sorted(paths, key=Path.is_symlink):
        first.setdefault(file_id(path), path)
    kept = {*first.values()}
    _warn("further links to files that are there", [path for path in paths if path not in kept])
    return [path for path in paths if path in kept]


def file_id(path: Path) -> FileId:
    """Identity of a file or folder, independent of links."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _warn(what: str, paths: list[Path]) -> None:
    if paths:
        named = ", ".join(printable_name(path) for path in paths[:NAMED])
        more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
        warnings.warn(f"passed over, {what}: {named}{more}", stacklevel=3)
