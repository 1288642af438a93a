"""Names to components, and what is said when there is none."""

from __future__ import annotations

import pytest

from wmframe.errors import MissingError
from wmframe.plugin import Component
from wmframe.registry import Plugin, Registry


def made(*names: str) -> tuple[Component, ...]:
    return tuple(Component(*name.split(":"), target="m:A") for name in names)


FOUND = Registry(
    [
        Plugin("wmframe", "wmframe", "0.1", made("stage:wmframe.online", "tracker:wmframe.jsonl")),
        Plugin("acme", "wmframe-acme", "1.0", made("suite:acme", "encoder:acme.conv")),
    ]
)


@pytest.mark.parametrize(
    ("kind", "name", "full"),
    [
        ("encoder", "acme.conv", "acme.conv"),
        ("suite", "acme", "acme"),
        ("stage", "online", "wmframe.online"),
        ("stage", "wmframe.online", "wmframe.online"),
    ],
)
def test_a_component_is_found_and_the_cores_prefix_may_be_left_out(kind, name, full):
    assert FOUND.find(kind, name).name == full


@pytest.mark.parametrize(
    ("kind", "name", "message", "hint"),
    [
        ("encoder", "acme.cnov", "there is no encoder 'acme.cnov'", "did you mean 'acme.conv'?"),
        ("stage", "onlin", "there is no stage 'onlin'", "did you mean 'wmframe.online'?"),
        ("encoder", "amce.conv", "no plugin 'amce' is installed", "did you mean 'acme'?"),
        ("encoder", "other.conv", "no plugin 'other' is installed", "by custom wmframe-other"),
        ("suite", "other", "there is no suite 'other'", "by custom wmframe-other"),
        ("tracker", "online", "(online is of kind stage)", "wmframe.jsonl"),
        ("decoder", "acme.conv", "(acme.conv is of kind encoder)", ""),
    ],
)
def test_a_name_that_is_not_there_says_what_was_meant(kind, name, message, hint):
    with pytest.raises(MissingError) as error:
        FOUND.find(kind, name)
    assert message in error.value.message
    assert hint in error.value.hint


def test_components_are_listed_by_kind():
    assert [component.name for component in FOUND.components("suite")] == ["acme"]
    assert len(FOUND.components()) == 4
    assert FOUND.owner(FOUND.find("suite", "acme")).distribution == "wmframe-acme"


def test_an_unknown_plugin_is_named_with_a_hint():
    with pytest.raises(MissingError, match="did you mean 'acme'"):
        FOUND.plugin("acmee")
