"""JSON comes in by one way: what fits its form is a value, all else is one error with its place."""

from __future__ import annotations

import enum
import os
from typing import Annotated, Any, ClassVar, Literal

import attrs
import pytest

from wmframe.errors import CheckpointError, DamagedError
from wmframe.json_files import parse_json, read_json
from wmframe.json_scalars import MalformedError, Natural


class Color(enum.StrEnum):
    RED = "red"


@attrs.frozen
class Inner:
    count: Natural
    kind: Literal["a", "b"] = "a"


@attrs.frozen
class Outer:
    name: str
    inner: dict[str, Inner]
    rows: tuple[tuple[str, int], ...] = ()
    color: Color | None = None


@attrs.frozen
class Loose:
    OPEN: ClassVar = True

    name: str


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("3", int, 3),
        ("3", float, 3.0),
        ("true", bool, True),
        ('"\\u00e9\\ud83d\\ude00"', str, "é😀"),
        ("null", int | None, None),
        ("3", str | int, 3),
        ("[1, 2]", tuple[int, ...], (1, 2)),
        ('["a", 2]', tuple[str, int], ("a", 2)),
        ('{"a": [1]}', dict[str, list[int]], {"a": [1]}),
        ('"red"', Color, Color.RED),
        ('{"name": "n", "more": [1]}', Loose, Loose("n")),
        (
            '{"name": "n", "inner": {"x": {"count": 2, "kind": "b"}}, "rows": [["r", -1]]}',
            Outer,
            Outer("n", {"x": Inner(2, "b")}, (("r", -1),)),
        ),
        ('\ufeff{"a": 1}', Any, {"a": 1}),
        ("[" * 60 + "]" * 60, Any, eval("[" * 60 + "]" * 60)),
    ],
)
def test_what_fits_is_a_value_of_its_type(text, form, value):
    found = parse_json(text.encode(), form)
    assert found == value
    assert type(found) is type(value)


GOOD = '{"name": "n", "inner": {"x": {"count": 2}}, "rows": [["r", 1], ["s", 2]]}'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"n"', "3", "name: expected text, found 3"),
        ('"n"', '"\\ud800"', "name: .* not valid Unicode"),
        ('"name": "n",', "", "'name' is missing"),
        ('"name"', '"nom"', "'name' is missing"),
        ('"rows"', '"row"', "there is no 'row'"),
        ('"rows": ', '"name": "m", "rows": ', "it has 'name' twice"),
        ("2}}", "-2}}", r"inner\.x\.count: -2 is negative"),
        ("2}}", "2.0}}", r"inner\.x\.count: expected an integer, found 2\.0"),
        ("2}}", "true}}", r"inner\.x\.count: expected an integer, found True"),
        ("2}}", f"{2**63}}}}}", r"inner\.x\.count: expected an integer, found 9223"),
        ("2}}", f"{10**300}}}}}", "expected an integer, found an integer of 997 bits"),
        ("2}}", "9" * 5000 + "}}", "no JSON: Exceeds the limit"),
        ("2}}", "NaN}}", "holds NaN"),
        ("2}}", "-Infinity}}", "holds -Infinity"),
        ("2}}", "1e999}}", "holds 1e999"),
        ("2}}", '2, "kind": "c"}}', r"inner\.x\.kind: expected 'a' or 'b', found 'c'"),
        ("2}}", '2, "kind": []}}', r"inner\.x\.kind: expected 'a' or 'b', found an array"),
        ('{"x"', '{"\\u001b[2J"', None),
        ('["s", 2]', '["s"]', r"rows\[1\]: expected an array of 2, found an array"),
        ('["s", 2]', '["s", "2"]', r"rows\[1\]\[1\]: expected an integer, found '2'"),
        ('["s", 2]', "null", r"rows\[1\]: expected an array of 2, found None"),
        ('["s", 2]', "[" * 100_000, "nested too deeply"),
        ('["s", 2]', '{"a":' * 100_000, "nested too deeply"),
        ('["s", 2]', "[" * 500 + "]" * 500, r"rows\[1\]: expected an array of 2"),
        ("]]}", "]]", "no JSON"),
        (GOOD, "", "no JSON"),
        (GOOD, "[]", "expected a table, found an array"),
        (GOOD, "null", "expected a table, found None"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(old, new, message):
    assert old in GOOD
    text = GOOD.replace(old, new)
    if message is None:
        assert parse_json(text, Outer).inner.keys() == {"\x1b[2J"}
        return
    with pytest.raises(MalformedError, match=message):
        parse_json(text, Outer)


@pytest.mark.parametrize("data", [b"\xff", b'"\xed\xa0\x80"', '{"a": 1}'.encode("utf-16")])
def test_what_is_no_utf_8_is_refused(data):
    with pytest.raises(MalformedError, match="no JSON"):
        parse_json(data, Any)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 70 + "]" * 70, "nested more than 64 levels"),
        ('{"a":' * 70 + "1" + "}" * 70, "nested more than 64 levels"),
        ('{"a": [{"\\udfff": 1}]}', "not valid Unicode"),
        (f"[{2**300}]", "an integer of 301 bits is too large"),
    ],
)
def test_values_without_a_form_are_bounded_too(text, message):
    with pytest.raises(MalformedError, match=message):
        parse_json(text, Any)


def test_numbers_that_are_not_finite_are_read_where_they_are_allowed():
    nan, infinite = parse_json("[NaN, -Infinity]", list[float], finite=False)
    assert nan != nan
    assert infinite == -float("inf")


def short(value: str) -> None:
    if len(value) > 3:
        raise ValueError("it is long")


def test_a_form_can_have_conditions():
    form: Any = dict[str, Annotated[str, short]]
    assert parse_json('{"a": "xyz"}', form) == {"a": "xyz"}
    with pytest.raises(MalformedError, match="a: it is long"):
        parse_json('{"a": "wxyz"}', form)


def test_a_file_is_named_with_its_fault_and_a_hint(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("[3, []]")
    with pytest.raises(
        CheckpointError, match=r"x\.json is damaged: \[1\]: expected an int"
    ) as found:
        read_json(path, list[int], error=CheckpointError, hint="do this")
    assert found.value.hint == "do this"


def test_a_file_that_is_too_long_is_not_read(tmp_path):
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(2**40)  # of no disk
    with pytest.raises(DamagedError, match="has 1,099,511,627,776 bytes"):
        read_json(path, Any)


def folder(path):
    path.mkdir()


def link(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [folder, link, os.mkfifo])
def test_what_is_no_regular_file_is_not_waited_for(make, tmp_path):
    make(tmp_path / "x.json")
    with pytest.raises(DamagedError, match="no regular file"):
        read_json(tmp_path / "x.json", Any)


def test_a_file_that_is_not_there_is_one_error(tmp_path):
    with pytest.raises(DamagedError, match="cannot be read: No such file"):
        read_json(tmp_path / "x.json", Any)
