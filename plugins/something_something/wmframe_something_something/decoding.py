"""The frames of one video in the folder that they were extracted to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from wmframe.errors import DamagedError

FRAME: Final = re.compile(r"\D*(\d+)\.(?:jpe?g|png)", re.IGNORECASE)


def frame_paths(folder: Path, count: int | None) -> list[Path]:
    """The images of a folder in the order of their numbers, which begin with 1, or with 0.

    Args:
        folder: ``ID/000001.jpg`` and so on; other tools' names end in the number too.
        count: how many belong to the video; None for all that are there.

    Raises:
        DamagedError: there are none, or one is missing; images are not opened.
    """
    try:
        matches = [(FRAME.fullmatch(path.name), path) for path in folder.iterdir()]
    except OSError as error:
        raise DamagedError(f"its folder cannot be read: {error}") from error
    numbered: dict[int, Path] = {}
    for number, path in sorted((int(match[1]), path) for match, path in matches if match):
        if numbered.setdefault(number, path) != path:
            message = f"{numbered[number].name} and {path.name} are both frame {number}"
            raise DamagedError(message, "remove one of them")
    if not numbered or count == 0:
        raise DamagedError("it has no frames")
    first = 0 if 0 in numbered else 1
    wanted = range(first, first + (len(numbered) if count is None else count))
    if missing := [number for number in wanted if number not in numbered]:
        raise DamagedError(f"frame {missing[0]} is not there; {len(missing)} are missing")
    return [numbered[number] for number in wanted]
