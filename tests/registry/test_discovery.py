"""What is found, and that a broken plugin hurts nothing else."""

from __future__ import annotations

import pytest

from wmframe.errors import PluginError
from wmframe.registry import Registry

HEADER = "from wmframe.plugin import Component, impl\n"
FAULTS = {
    "raise RuntimeError('no licence')": "RuntimeError: no licence",
    "import a_module_that_is_missing": "No module named 'a_module_that_is_missing'",
    "def broken(:": "SyntaxError",
    "import sys; sys.exit(3)": "SystemExit",
    HEADER + "@impl\ndef wmframe_components():\n    raise KeyError('later')": "KeyError: 'later'",
    HEADER + "@impl\ndef wmframe_component(): ...": "wmframe_component",
    HEADER + "@impl\ndef wmframe_metrics(stage, colour): ...": "colour",
    HEADER + "@impl\ndef wmframe_components(): yield 'net'": "yielded 'net'",
    HEADER + "@impl\ndef wmframe_components(): yield Component('encodr', 'NAME.a', target='m:A')": (
        "no kind 'encodr'"
    ),
    HEADER
    + "@impl\ndef wmframe_components(): yield Component('encoder', 'other.a', target='m:A')": (
        "other.a: a name begins with its plugin's"
    ),
    HEADER
    + "@impl\ndef wmframe_components(): yield Component('encoder', 'NAME.a', target='m.A')": (
        "'m.A' names no object"
    ),
    HEADER
    + "@impl\ndef wmframe_components():\n"
    + "    yield Component('encoder', 'NAME.a', target='m:A')\n" * 2: "two components",
}


def test_a_plugin_is_found_with_its_distribution_and_components(install):
    name = install(version="2.5")
    plugin = Registry.discover().plugin(name)
    assert (plugin.distribution, plugin.version) == (f"wmframe-{name}", "2.5")
    assert (plugin.state, plugin.kinds) == ("ok", ("encoder",))
    assert [component.name for component in plugin.components] == [f"{name}.net"]


@pytest.mark.parametrize("source", FAULTS, ids=[str(number) for number in range(len(FAULTS))])
def test_a_broken_plugin_is_listed_with_its_cause_and_hurts_no_other(install, source):
    good, bad = install(), install(source)
    found = Registry.discover()
    assert found.plugin(bad).state == "broken"
    assert FAULTS[source] in found.plugin(bad).cause
    assert found.plugin(bad).hint
    assert found.find("encoder", f"{good}.net").name == f"{good}.net"


def test_the_cause_names_the_place_in_the_plugin(install):
    name = install("\n\nraise RuntimeError('no licence')")
    assert f"(wmframe_{name}/plugin.py:3)" in Registry.discover().plugin(name).cause


def test_components_of_a_broken_plugin_are_refused_with_its_cause(install):
    name = install("raise RuntimeError('no licence')")
    with pytest.raises(PluginError, match="no licence"):
        Registry.discover().find("encoder", f"{name}.net")


def test_two_distributions_of_one_name_are_both_refused_and_named(install):
    name = install()
    install(name=name, distribution="rival-package")
    plugins = [plugin for plugin in Registry.discover().plugins if plugin.name == name]
    assert [plugin.state for plugin in plugins] == ["broken", "broken"]
    for plugin in plugins:
        assert f"wmframe-{name} 1.0" in plugin.cause
        assert "rival-package 1.0" in plugin.cause


def test_an_entry_point_whose_name_has_a_dot_is_refused(install):
    name = install(name="acme.sub", distribution="acme-sub")
    assert "no dot" in Registry.discover().plugin(name).cause


def test_a_failing_plugin_leaves_no_hook_behind(install):
    source = HEADER + (
        "@impl\ndef wmframe_components(): raise ValueError\n"
        "@impl\ndef wmframe_stage_started(stage, folder): raise AssertionError\n"
    )
    install(source)
    Registry.discover().emit("stage_started", stage="s", folder=".")
