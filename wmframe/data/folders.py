"""Looking through what a dataset was unpacked to: every folder and every file once."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from wmframe.errors import MissingError, printable

NAMED: Final = 3
"""How many of the entries that are passed over a warning names."""

FileId = tuple[int, int]
"""Device and inode: what all links to a file have in common."""


def walk(
    root: Path, depth: float = math.inf, searched: Callable[[str], object] = bool
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder with the names of its folders and of its regular files, in order.

    Links are followed, but no folder is entered twice, whatever links lead to it. What is neither
    a folder nor a regular file (a pipe, a device, a link to nothing) is passed over with a warning.

    Args:
        root: where to begin.
        depth: how many folders below ``root`` are looked into.
        searched: by a folder's name, whether to look into it; hidden ones are left out anyway.

    Raises:
        MissingError: ``root`` is no folder.
    """
    if not root.is_dir():
        raise MissingError(f"{root} is no folder", "--root is the folder that the dataset is in")
    seen: set[FileId] = set()
    odd: list[Path] = []
    for place, inner, files in os.walk(root, followlinks=True):
        folder = Path(place)
        if file_id(folder) in seen:
            inner.clear()
            continue
        seen.add(file_id(folder))
        inner.sort()
        regular = [name for name in sorted(files) if (folder / name).is_file()]
        odd += [folder / name for name in files if name not in {*regular}]
        yield folder, list(inner), regular
        deep = len(folder.relative_to(root).parts) >= depth
        inner.sort(key=lambda name: (folder / name).is_symlink())  # a link is left out, not its aim
        inner[:] = [n for n in inner if not deep and not n.startswith(".") and searched(n)]
    _warn("no regular files", odd)


def once(paths: Iterable[Path]) -> list[Path]:
    """The files among ``paths`` that are not links, hard or symbolic, to an earlier one of them."""
    first: dict[FileId, Path] = {}
    paths = list(paths)
    for path in paths:
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
        named = ", ".join(printable(str(path)) for path in paths[:NAMED])
        more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
        warnings.warn(f"passed over, {what}: {named}{more}", stacklevel=3)
