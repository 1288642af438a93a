"""The kit passes components that keep their contracts, and says what is wrong with others."""

from __future__ import annotations

import attrs
import pytest

from wmframe.errors import MissingError
from wmframe.plugin import Component
from wmframe.testing import ConformanceError, check_component, conformance, declaration
from wmframe.testing.declaration import check_config, check_declaration, check_light_module

NAMES = ("", ".enc", ".dec", ".dyn", ".agent", ".view", ".track", ".stage")


@pytest.fixture(autouse=True)
def light_plugin(monkeypatch):
    """The specimens are one file with their networks, so their light module is not light."""
    monkeypatch.setattr(declaration, "check_light_plugin", lambda plugin: None)


@pytest.mark.parametrize("name", NAMES)
def test_components_that_keep_their_contracts_pass(specimens, name):
    (component,) = (c for c in specimens.components() if c.name == f"specimen{name}")
    check_component(component)


def test_a_plugins_author_gets_one_test_for_each_component(specimens):
    test = conformance("specimen", {"specimen": {"time_limit": 10}})
    (mark,) = test.pytestmark
    assert len(mark.args[1]) == len(NAMES)
    assert mark.kwargs["ids"][0] == "suite-specimen"
    test(component=mark.args[1][0])


def test_a_plugin_that_is_not_installed_has_no_tests(specimens):
    with pytest.raises(MissingError, match="specimen"):
        conformance("specimens")


ENCODER = Component("encoder", "specimen.enc", target="specimen:Enc", summary="linear")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"summary": ""}, "no summary"),
        ({"summary": "two\nlines"}, "one line"),
        ({"target": "specimen:WIDTH"}, "cannot be called"),
        ({"target": "specimen:Dyn"}, "is called with .*obs=.*refuses"),
        ({"config": "specimen_config:SuiteConfig"}, "action_repeat=.*refuses"),
        ({"config": "specimen_config:MutableConfig"}, "@attrs.frozen"),
        ({"config": "specimen:WIDTH"}, "importing specimen imports .*torch"),
    ],
)
def test_a_wrong_declaration_is_refused(specimens, changes, message):
    fields = {"kind": "encoder", "name": "specimen.enc", "target": "specimen:Enc", "summary": "x"}
    with pytest.raises(ConformanceError, match=message):
        check_declaration(Component(**{**fields, **changes}))


def test_a_target_of_another_kind_is_refused(specimens):
    component = Component(
        "stage", "specimen.idle", target="collections:UserDict", summary="no stage"
    )
    with pytest.raises(ConformanceError, match=r"does not derive from wmframe.*Stage"):
        check_component(component)


@pytest.mark.parametrize(
    ("name", "message"),
    [("PlainConfig", "no attrs class"), ("SilentConfig", "SilentConfig.size is not explained")],
)
def test_a_wrong_config_class_is_refused(name, message):
    import specimen_config

    with pytest.raises(ConformanceError, match=message):
        check_config(getattr(specimen_config, name))


def test_groups_of_settings_are_checked_too():
    import specimen_config

    group = attrs.make_class("Outer", {"inner": attrs.field(type=specimen_config.MutableConfig)})
    outer = attrs.frozen(group)
    with pytest.raises(ConformanceError, match="MutableConfig can be changed"):
        check_config(outer)


def test_a_light_module_passes_and_one_that_fails_to_import_is_shown():
    check_light_module("wmframe.stages.config")
    with pytest.raises(ConformanceError, match="No module named 'nowhere'"):
        check_light_module("nowhere")
