"""The grid: what is typed, the cells that come of it, and their names."""

from __future__ import annotations

import pytest

from wmframe.errors import UsageError
from wmframe.sweep.grid import Axis, expand, parse_seeds, parse_set, short_names, slug


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0..3", "0 1 2 3"), ("0,3,5", "0 3 5"), ("7", "7"), ("0..1, 8", "0 1 8"), ("4..4", "4")],
)
def test_seeds_are_ranges_with_both_ends_or_lists(text, seeds):
    assert parse_seeds(text).values == tuple(seeds.split())


@pytest.mark.parametrize("text", ["", "a", "3..1", "1,,2", "-1", "1.5", "0..", "1...3"])
def test_what_is_no_seed_is_named_with_an_example(text):
    with pytest.raises(UsageError, match=r"no seed and no range[^~]*write 0\.\.7"):
        parse_seeds(text)


@pytest.mark.parametrize("parse", [lambda: parse_seeds("0..2,1"), lambda: parse_set("a.b=1,2,1")])
def test_a_value_that_comes_twice_is_refused(parse):
    with pytest.raises(UsageError, match="1 comes twice"):
        parse()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("k=a,b", ["a", "b"]),
        ("k=[1, 2],[3]", ["[1, 2]", "[3]"]),
        ('k={use="x", n=[1,2]},{use="y"}', ['{use="x", n=[1,2]}', '{use="y"}']),
        ("k='a,b',\"c]\"", ["'a,b'", '"c]"']),
        ("k= 1 , x=2", ["1", "x=2"]),
        ("k=1..3, 8", ["1", "2", "3", "8"]),
        ("k='1..3'", ["'1..3'"]),
    ],
)
def test_commas_and_dots_within_brackets_and_quotes_belong_to_a_value(text, values):
    assert list(parse_set(text).values) == values


@pytest.mark.parametrize("text", ["k", "k=", "k=a,,b", "=a", "a b=1"])
def test_a_malformed_axis_is_refused(text):
    with pytest.raises(UsageError, match="write --set stages"):
        parse_set(text)


def test_cells_are_the_product_of_the_axes_one_seed_after_the_other():
    axes = [parse_seeds("0..1"), parse_set("s.b.task=x,y"), parse_set("s.a.lr=0.1,1e-3")]
    cells = expand(axes)
    assert [cell.name for cell in cells[:4]] == [
        "lr-0.1_task-x_seed-0",
        "lr-0.1_task-y_seed-0",
        "lr-1e-3_task-x_seed-0",
        "lr-1e-3_task-y_seed-0",
    ]
    assert len(cells) == 8
    assert cells[-1].settings == (("s.a.lr", "1e-3"), ("s.b.task", "y"), ("seed", "1"))
    assert expand(axes[::-1]) == cells


def test_axes_whose_keys_end_alike_are_told_apart():
    assert short_names(["a.x.lr", "a.y.lr", "seed"]) == {
        "a.x.lr": "x.lr",
        "a.y.lr": "y.lr",
        "seed": "seed",
    }


def test_a_value_that_is_no_folder_name_gets_a_digest_and_stays_apart():
    first, second = slug("/data/a b"), slug("/data/a-b")
    assert first != second
    assert first.startswith("data-a-b-")
    assert slug('"drawer-open"') == "drawer-open"
    assert len(slug("x" * 300)) < 60


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ([], "one cell"),
        ([Axis("a", ("1_b-2", "1"), ""), Axis("b", ("3", "2_b-3"), "")], "share the folder"),
    ],
)
def test_what_makes_no_grid_is_refused(axes, message):
    with pytest.raises(UsageError, match=message):
        expand(axes)
