"""Hints for misspelt names."""

from __future__ import annotations

import pytest

from wmframe.suggest import suggest, suggest_component

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


PLUGINS = ("dreamer", "wmframe")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dreamer.agnet", "did you mean 'dreamer.agent'"),
        ("dreamr.agent", "did you mean 'dreamer'"),
        ("onlin", "did you mean 'wmframe.online'"),
        ("other.agent", "install the package that brings plugin 'other', by custom wmframe-other"),
        ("zzz", "install the package that brings plugin 'zzz'"),
    ],
)
def test_a_component_that_is_not_there_is_misspelt_or_to_be_installed(name, hint):
    assert suggest_component(name, NAMES, PLUGINS).startswith(hint)
