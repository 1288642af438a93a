"""``wmframe bench --compare``: two files of lines, case by case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from wmframe.bench.figures import Line
from wmframe.errors import MissingError, UsageError
from wmframe.json_files import parse_json
from wmframe.json_forms import checker
from wmframe.json_scalars import MalformedError

Key = tuple[str, str]
"""Bench and case."""

NEEDED = ("bench", "case", "unit", "median", "quartiles")
FORMS = {
    **dict.fromkeys(("bench", "case", "unit"), checker(str)),
    "median": checker(float),
    "quartiles": checker(tuple[float, float]),
    **dict.fromkeys(("machine", "versions"), checker(dict[str, Any])),
}


class Row(NamedTuple):
    """A case that both files have: the medians, B over A, and what to mind."""

    bench: str
    case: str
    unit: str
    a: str
    b: str
    ratio: str
    remarks: str


def read_lines(path: Path) -> dict[Key, list[Line]]:
    """The lines of a file by case; a case that was measured several times has several.

    Raises:
        MissingError: there is no such file.
        UsageError: a line is none of ``wmframe bench``.
    """
    if not path.is_file():
        raise MissingError(f"there is no file {path}", "make one by wmframe bench ... --out FILE")
    found: dict[Key, list[Line]] = {}
    for number, text in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        made = parse(text, f"{path}:{number}") if text.strip() else None
        if made is not None:
            found.setdefault((made["bench"], made["case"]), []).append(made)
    return found


def parse(text: str, where: str) -> Line:
    """One line, checked for what a comparison needs."""
    hint = "one JSON object a line; docs/benchmarks.md says what it holds"
    try:
        made = parse_json(text, dict[str, Any])
        known = {name: form(made[name]) for name, form in FORMS.items() if name in made}
    except MalformedError as error:
        raise UsageError(f"{where}: {error}", hint) from error
    if missing := [name for name in NEEDED if name not in made]:
        raise UsageError(f"{where}: {', '.join(missing)} is missing", hint)
    return made | known


def compare(a: Path, b: Path) -> tuple[list[Row], list[str]]:
    """The cases of both files, and what to know before believing the ratios.

    Raises:
        UsageError: they have no case in common.
    """
    first, second = read_lines(a), read_lines(b)
    common = [key for key in first if key in second]
    if not common:
        hint = f"{a} has {_names(first)}; {b} has {_names(second)}"
        raise UsageError(f"{a} and {b} have no case in common", hint)
    rows = [compare_case(key, first[key], second[key]) for key in common]
    return rows, [*differences(first, second, common), *alone(a, first, second, b)]


def compare_case(key: Key, a: Sequence[Line], b: Sequence[Line]) -> Row:
    """Ratio of the medians; of several lines, the median of their medians."""
    ours, theirs = (float(median(line["median"] for line in lines)) for lines in (a, b))
    ratio = f"{theirs / ours:.3g}" if ours else "-"
    return Row(*key, a[0]["unit"], f"{ours:.4g}", f"{theirs:.4g}", ratio, "; ".join(remarks(a, b)))


def remarks(a: Sequence[Line], b: Sequence[Line]) -> Iterator[str]:
    """What makes a ratio doubtful."""
    (low, high), (low_b, high_b) = (_quartiles(lines) for lines in (a, b))
    if low <= high_b and low_b <= high:
        yield "quartiles overlap"
    for name in ("unit", "precision", "overrides"):
        ours, theirs = a[-1].get(name), b[-1].get(name)
        if ours != theirs:
            yield f"{name}: {ours} | {theirs}"


def differences(
    first: Mapping[Key, Sequence[Line]], second: Mapping[Key, Sequence[Line]], common: Sequence[Key]
) -> list[str]:
    """In which machine and versions the files differ."""
    found: dict[str, None] = {}
    for key in common:
        for part in ("machine", "versions"):
            ours, theirs = (lines[key][-1].get(part, {}) for lines in (first, second))
            for name in {**ours, **theirs}:
                if ours.get(name) != theirs.get(name):
                    found[f"{name} differs: {ours.get(name)} | {theirs.get(name)}"] = None
    return list(found)


def alone(a: Path, first: Mapping[Key, Any], second: Mapping[Key, Any], b: Path) -> Iterator[str]:
    """Cases that only one file has."""
    for path, ours, theirs in ((a, first, second), (b, second, first)):
        only = [case for bench, case in ours if (bench, case) not in theirs]
        if only:
            yield f"only in {path}: {', '.join(only)}"


def _quartiles(lines: Sequence[Line]) -> tuple[float, float]:
    return min(x["quartiles"][0] for x in lines), max(x["quartiles"][1] for x in lines)


def _names(lines: Mapping[Key, Any]) -> str:
    return ", ".join(case for _, case in lines) or "none"
