"""Which video belongs to which split and shows what, from the publisher's files or from lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final

import attrs

from wmframe.data.lists import ListRow, read_list, wrong_row
from wmframe.errors import DamagedError, MissingError
from wmframe.json_files import read_json
from wmframe_something_something.survey import URL, Survey

ANEW: Final = f"get the labels again from {URL}"
FORM: Final = "ID FRAMES LABEL"
EXAMPLE: Final = "78687 42 93"
JSON_OF: Final = {"train": "train", "val": "validation"}
"""The publisher's name of each split."""


LARGEST: Final = 2**26
"""Bytes of a file with the annotations of a split; the publisher's have up to some 30 million."""


@attrs.frozen
class Annotation:
    """What is used of a video's entry in ``train.json`` or ``validation.json``."""

    OPEN: ClassVar = True

    id: int | str
    template: str


@attrs.frozen
class Row:
    """One video of a split.

    Attributes:
        id: its number, as text.
        label: the name of what it shows; the label's number where names are not known.
        frames: how many there are; None where that is not said.
    """

    id: str
    label: str
    frames: int | None = None


def rows_of(found: Survey, split: str, given: str, names: Sequence[str]) -> list[Row]:
    """The videos of a split in the order of the file that lists them.

    Args:
        found: what there is.
        split: ``train`` or ``val``.
        given: a list file, relative to the root, that takes precedence; may be empty.
        names: of the labels; may be empty.

    Raises:
        MissingError: no file lists the split.
        DamagedError: it does so in another form.
    """
    annotated = found.labels.get(JSON_OF[split])
    listed = found.root / Path(given).expanduser() if given else found.lists.get(split)
    if listed is not None and (given or annotated is None):
        return rows_of_list(listed, names)
    if annotated is not None:
        return unique(read_annotations(annotated), annotated)
    raise MissingError(
        f"below {found.root} is no {JSON_OF[split]}.json (or something-something-v2-"
        f"{JSON_OF[split]}.json), nor {split}_video_folder.txt",
        f"unpack the labels from {URL} below it, or set {split}_list to a list file",
    )


def names_of(found: Survey) -> tuple[str, ...]:
    """The labels' names by number, from ``labels.json`` or ``category.txt``; empty without them.

    Raises:
        DamagedError: the file has another form.
    """
    if path := found.labels.get("labels"):
        content = read_json(path, dict[str, int | str], hint=ANEW)
        try:
            numbered = {int(number): plain(name) for name, number in content.items()}
            return tuple(numbered[number] for number in range(len(content)))
        except (AttributeError, ValueError, TypeError, KeyError) as error:
            message = f"{path} does not number the labels from 0 on"
            raise DamagedError(message, ANEW) from error
    if found.categories:
        lines = text_of(found.categories[0]).splitlines()
        return tuple(plain(line) for line in lines if line.strip())
    return ()


def read_annotations(path: Path) -> list[Row]:
    """The rows of a ``train.json`` or ``validation.json``.

    Raises:
        DamagedError: it has another form.
    """
    content = read_json(path, list[Annotation], hint=ANEW, limit=LARGEST)
    return [Row(str(item.id), plain(item.template)) for item in content]


def rows_of_list(path: Path, names: Sequence[str]) -> list[Row]:
    """The rows of a list file: ``ID FRAMES LABEL``, the label as the number of its name.

    Raises:
        MissingError: it is not there.
        DamagedError: a row has another form; the message names it.
    """
    return [labelled(row, names) for row in read_list(path, FORM, EXAMPLE)]


def labelled(row: ListRow, names: Sequence[str]) -> Row:
    """A row of a list file with its label by name, where names are known."""
    if not (row.name.isdecimal() and row.label.isdecimal()):
        raise wrong_row(row.place, f"{row.name} {row.frames} {row.label}", FORM, EXAMPLE)
    label = int(row.label)
    if names and label >= len(names):
        hint = "use the labels.json or category.txt that the list was made with"
        raise DamagedError(f"{row.place}: label {label} is not one of 0 to {len(names) - 1}", hint)
    return Row(row.name, names[label] if names else row.label, row.frames)


def unique(rows: Iterable[Row], path: Path) -> list[Row]:
    """The rows, if no video is listed twice.

    Raises:
        DamagedError: one is.
    """
    by_id: dict[str, Row] = {}
    for row in rows:
        if row.id in by_id:
            raise DamagedError(f"{path} lists video {row.id} twice", "remove one of the rows")
        by_id[row.id] = row
    return list(by_id.values())


def plain(template: str) -> str:
    """A label as ``labels.json`` writes it, without the brackets of ``train.json``."""
    return " ".join(template.replace("[", "").replace("]", "").split())


def text_of(path: Path) -> str:
    """What a text file holds."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedError(f"{path} cannot be read: {error}", ANEW) from error
