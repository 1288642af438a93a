"""The files that a dataset's own text names: always below its folder, and never by a program."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any, Final

from wmframe.errors import DamagedError

FIELD: Final = re.compile(r"\{(\w+)(?::0?(\d)d)?\}")
"""``{name}`` or ``{name:03d}``. ``str.format`` knows more, and would let a file reach into us."""

INFO: Final = PurePosixPath("meta/info.json")


def fill(template: str, **values: Any) -> str:
    """A template of ``meta/info.json`` with its fields filled in.

    Raises:
        DamagedError: it has a field that is not among ``values``, or other braces.
    """

    def value(match: re.Match[str]) -> str:
        name, width = match.groups()
        if name not in values:
            raise DamagedError(f"{INFO}: {template!r} asks for {name!r}, which is not known")
        return str(values[name]).zfill(int(width or 0))

    if re.search(r"[{}]", FIELD.sub("", template)):
        raise DamagedError(f"{INFO}: {template!r} is no template of a path")
    return FIELD.sub(value, template)


def below(root: Path, inside: str) -> Path:
    """``root / inside``.

    Raises:
        DamagedError: that would be outside the folder.
    """
    path = PurePosixPath(inside)
    if path.is_absolute() or ".." in path.parts:
        raise DamagedError(f"{INFO} names {inside}, which is outside the dataset")
    return root / path


def find_root(path: Path) -> Path:
    """The folder of the dataset that a file belongs to.

    Raises:
        DamagedError: it belongs to none.
    """
    for folder in path.parents:
        if (folder / INFO).is_file():
            return folder
    raise DamagedError(f"{path} is in no LeRobot dataset: no folder above it has {INFO}")
