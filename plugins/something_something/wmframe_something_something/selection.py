"""Videos of some labels only, a selection that the reference's code for ContextWM also offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wmframe.errors import MissingError, UsageError
from wmframe.suggest import suggest
from wmframe_something_something.annotations import Row, plain

NAMES_FILES = "labels.json (or category.txt)"


def select(rows: Sequence[Row], labels: Iterable[int | str], names: Sequence[str]) -> list[Row]:
    """The rows of some labels; all if none are given.

    Args:
        rows: of a split.
        labels: names, in any case and with or without brackets, or numbers.
        names: of all labels by number; may be empty.

    Raises:
        UsageError: there is no such label.
        MissingError: labels and rows cannot be compared without the names.
    """
    known = tuple(names) or tuple(sorted({row.label for row in rows}))
    wanted = {find(label, known, bool(names)) for label in labels}
    return [row for row in rows if row.label in wanted or not wanted]


def find(label: int | str, known: Sequence[str], named: bool) -> str:
    """A label as rows have it.

    Args:
        label: a name or a number.
        known: labels of rows; all labels by number if ``named``.
        named: whether the names of all labels are known.
    """
    if isinstance(label, int) or label.isdecimal():
        return numbered(int(label), known, named)
    if known and all(text.isdecimal() for text in known):
        raise needs_names(f"the list gives labels by number; {label!r} is a name")
    by_case = {text.casefold(): text for text in known}
    name = plain(label)
    if name.casefold() not in by_case:
        raise UsageError(f"there is no label {name!r}", suggest(name, known))
    return by_case[name.casefold()]


def numbered(number: int, known: Sequence[str], named: bool) -> str:
    """The label with a number as rows have it."""
    if named:
        if not 0 <= number < len(known):
            raise UsageError(f"there is no label {number}", f"they are 0 to {len(known) - 1}")
        return known[number]
    if str(number) not in known and not all(text.isdecimal() for text in known):
        raise needs_names(f"the name of label {number} is unknown")
    return str(number)


def needs_names(message: str) -> MissingError:
    """The error where only a file of names would help."""
    return MissingError(
        f"{message}, and {NAMES_FILES} is not there", f"put {NAMES_FILES} below --root"
    )
