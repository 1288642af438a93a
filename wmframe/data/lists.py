"""List files of the papers' datasets: one row ``NAME FRAMES LABEL`` per video."""

from __future__ import annotations

from pathlib import Path

import attrs

from wmframe.errors import DamagedError, MissingError


@attrs.frozen
class ListRow:
    """A row of a list file.

    Attributes:
        name: of the video; where the file has a path, the last part of it.
        frames: how many the video has.
        label: the last word.
        place: ``file:line``, for messages.
    """

    name: str
    frames: int
    label: str
    place: str


def read_list(path: Path, form: str, example: str) -> list[ListRow]:
    """The rows of a list file in order; empty lines are skipped.

    Args:
        path: the file.
        form: what messages call a row, such as ``ID FRAMES LABEL``.
        example: a right row, for messages.

    Raises:
        MissingError: the file is missing.
        DamagedError: a row has a different format or repeats a video; the message names it.
    """
    if not path.is_file():
        raise MissingError(f"list file {path} is not there", "give its path, or one below --root")
    rows: dict[str, ListRow] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        row = _row(line, f"{path}:{number}", form, example)
        if row.name in rows:
            raise DamagedError(f"{row.place}: {row.name} is listed twice", "remove one of the rows")
        rows[row.name] = row
    return list(rows.values())


def wrong_row(place: str, line: str, form: str, example: str) -> DamagedError:
    """The error for a row of a different format."""
    return DamagedError(f"{place}: {line!r} is not {form}", f"such as {example}")


def _row(line: str, place: str, form: str, example: str) -> ListRow:
    words = line.rsplit(maxsplit=2)  # names may have spaces
    if len(words) != 3 or not words[1].isdecimal():
        raise wrong_row(place, line, form, example)
    return ListRow(Path(words[0].strip()).name, int(words[1]), words[2], place)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedError(f"{path} cannot be read: {error}", "copy it again") from error
