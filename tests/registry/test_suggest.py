"""Hints for misspelt names."""

from __future__ import annotations

import pytest

from wmframe.suggest import suggest

NAMES = ("dreamer.agent", "dreamer.rssm", "wmframe.online")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("dreamer.agnet", "dreamer.agent"),
        ("rssm", "dreamer.rssm"),
        ("Online", "wmframe.online"),
        ("dream.rssm", "dreamer.rssm"),
    ],
)
def test_a_near_miss_names_what_was_meant_first(name, meant):
    assert suggest(name, NAMES).startswith(f"did you mean {meant!r}")


def test_a_far_miss_lists_what_there_is():
    assert suggest("zzz", ["b", "a"]) == "choose one of: a, b"


def test_a_long_list_is_cut():
    text = suggest("???", [f"name{number:02}" for number in range(20)])
    assert text.endswith("name11, and 8 more")


def test_nothing_to_choose_from_gives_no_hint():
    assert suggest("a", []) == ""
