"""Events reach every plugin; one that fails is reported once and stops nobody."""

from __future__ import annotations

import importlib
import warnings

import pytest

from wmframe.registry import Registry

LISTENER = """
from wmframe.plugin import impl

seen = []

@impl
def wmframe_metrics(record):
    seen.append(dict(record))
"""
FAULTY = """
from wmframe.plugin import impl

@impl
def wmframe_metrics(stage, record):
    raise RuntimeError("no network")
"""


def test_an_event_reaches_plugins_that_listen_with_the_arguments_they_ask_for(install):
    name = install(LISTENER)
    Registry.discover().emit("metrics", stage="train", record={"loss": 1.0})
    assert importlib.import_module(f"wmframe_{name}.plugin").seen == [{"loss": 1.0}]


def test_a_failing_listener_is_reported_once_and_the_others_are_told(install):
    names = [install(LISTENER), install(FAULTY), install(LISTENER)]
    found = Registry.discover()
    with pytest.warns(RuntimeWarning, match=rf"{names[1]}.*no network") as caught:
        found.emit("metrics", stage="train", record={})
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found.emit("metrics", stage="train", record={})
    for name in (names[0], names[2]):
        assert len(importlib.import_module(f"wmframe_{name}.plugin").seen) == 2
