"""The core's own components keep the contracts that strangers' have to keep."""

from __future__ import annotations

import pytest

from wmframe.registry import registry
from wmframe.testing import check_component

ENDS = {"suite": {"use": "specimen"}, "env_steps": 1}
SETTINGS = {
    "wmframe.online": {**ENDS, "agent": {"use": "specimen.agent"}},
    "wmframe.collect": ENDS,
    "wmframe.pretrain": {"agent": {"use": "specimen.view"}, "updates": 1},
    "wmframe.checkpoint": {"path": "runs/other/pretrain"},
    "wmframe.evaluate": {"source": "stages.train"},
}
COMPONENTS = registry().plugin("wmframe").components


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
def test_component(specimens, component):
    check_component(component, SETTINGS.get(component.name))
