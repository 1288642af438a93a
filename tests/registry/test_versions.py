"""What a plugin was made for is checked before any of its code runs."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet

from wmframe import __version__
from wmframe.registry import Registry
from wmframe.registry.loader import admits_core

POISON = "raise AssertionError('its code has run')"
BOUNDS = (
    ">=0.1", ">=0.1.0", ">= 0.1, < 0.2", "<0.2,>=0.1", "<0.1", "<0.1.0", ">=0.2", ">=1", "<1",
    "~=0.1.0", "==0.1.*", "==0.1.0", "!=0.1.0", ">0.1", "<=0.1", ">=0.1.0.dev1", ">=0.1.0.0", "",
)  # fmt: skip


@pytest.mark.parametrize("bounds", BOUNDS)
def test_bounds_mean_what_packaging_says(bounds):
    expected = SpecifierSet(bounds).contains(__version__, prereleases=True)
    assert admits_core(f"wmframe{bounds}") is expected


@pytest.mark.parametrize(
    "line", ["wmframe-dmc>=9", "wmframe>=9; extra == 'new'", "wmframe[mujoco]>=0.1", "wmframe"]
)
def test_lines_that_do_not_concern_this_core_let_it_be(line):
    assert admits_core(line)


def test_a_plugin_for_another_core_is_refused_unimported(install):
    name = install(POISON, requires=["numpy", "wmframe>=0.7,<0.8"])
    cause = Registry.discover().plugin(name).cause
    assert f"wmframe-{name} 1.0 requires wmframe>=0.7,<0.8" in cause
    assert f"wmframe {__version__}" in cause


def test_a_plugin_for_another_interface_is_refused_unimported(install):
    name = install(POISON, api="v2")
    cause = Registry.discover().plugin(name).cause
    assert "interface v2" in cause
    assert "v1" in cause


def test_a_plugin_that_states_no_interface_is_accepted(install):
    name = install(api=None)
    assert Registry.discover().plugin(name).state == "ok"


def test_a_requirement_of_another_wmframe_distribution_is_not_one_of_the_core():
    assert admits_core("wmframe-acme<0.0.1")
    assert not admits_core("wmframe<0.0.1")
