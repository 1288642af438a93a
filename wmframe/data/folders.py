"""Looking through what a dataset was unpacked to."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from wmframe.errors import MissingError


def walk(
    root: Path, depth: float = math.inf, searched: Callable[[str], object] = bool
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder with the names of its folders and of its files, in order; links are followed.

    Args:
        root: where to begin.
        depth: how many folders below ``root`` are looked into.
        searched: by a folder's name, whether to look into it; hidden ones are left out anyway.

    Raises:
        MissingError: ``root`` is no folder.
    """
    if not root.is_dir():
        raise MissingError(f"{root} is no folder", "--root is the folder that the dataset is in")
    for place, inner, files in os.walk(root, followlinks=True):
        folder = Path(place)
        inner.sort()
        yield folder, list(inner), sorted(files)
        deep = len(folder.relative_to(root).parts) >= depth
        inner[:] = [n for n in inner if not deep and not n.startswith(".") and searched(n)]
