"""Two files of lines, case by case, with what makes the ratio doubtful."""

from __future__ import annotations

import json

import pytest

from wmframe.bench.compare import compare
from wmframe.errors import MissingError, UsageError


def made(case, median, quartiles=None, **also):
    return {
        "bench": "learner",
        "case": case,
        "unit": "updates/s",
        "median": median,
        "quartiles": quartiles or [median, median],
        "precision": "float32",
        "machine": {"cpu": "one"},
        "versions": {"torch": "2"},
        **also,
    }


@pytest.fixture
def files(tmp_path):
    def write(a, b):
        paths = tmp_path / "a.json", tmp_path / "b.json"
        for path, lines in zip(paths, (a, b), strict=True):
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return paths

    return write


def test_a_ratio_of_medians(files):
    [row], notes = compare(*files([made("x", 2.0)], [made("x", 5.0)]))
    assert (row.case, row.a, row.b, row.ratio, row.remarks) == ("x", "2", "5", "2.5", "")
    assert notes == []


def test_several_lines_of_a_case_are_taken_together(files):
    again = [made("x", value) for value in (1.0, 9.0, 4.0)]
    [row], _ = compare(*files(again, [made("x", 2.0)]))
    assert (row.a, row.ratio, row.remarks) == ("4", "0.5", "quartiles overlap")


def test_a_different_precision_is_said(files):
    [row], _ = compare(*files([made("x", 1.0)], [made("x", 4.0, precision="bfloat16")]))
    assert row.remarks == "precision: float32 | bfloat16"


def test_different_machines_and_cases_without_partner_are_said(files):
    other = made("x", 4.0, machine={"cpu": "two"})
    _, notes = compare(*files([made("x", 1.0), made("y", 1.0)], [other]))
    assert notes[0] == "cpu differs: one | two"
    assert notes[1].startswith("only in ")
    assert notes[1].endswith("a.json: y")


def test_files_without_a_common_case_are_refused(files):
    with pytest.raises(UsageError, match="no case in common") as raised:
        compare(*files([made("x", 1.0)], [made("y", 1.0)]))
    assert "a.json has x" in raised.value.hint


def test_lines_of_something_else_are_refused(tmp_path):
    path = tmp_path / "a.json"
    for text, message in (
        ("[", "a.json:1: it is no JSON"),
        ('{"bench": "act"}', "case, unit, median"),
    ):
        path.write_text(text)
        with pytest.raises(UsageError, match=message):
            compare(path, path)
    with pytest.raises(MissingError, match="no file"):
        compare(tmp_path / "absent", path)
