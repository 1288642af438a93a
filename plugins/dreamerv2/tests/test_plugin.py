"""What the plugin declares can be imported, and its settings need no torch."""

from __future__ import annotations

import inspect
import subprocess
import sys

import attrs
import pytest

from wmframe.cli.describing import rows_of
from wmframe.config import load_object
from wmframe_dreamerv2.config import AgentConfig
from wmframe_dreamerv2.plugin import wmframe_components

COMPONENTS = list(wmframe_components())


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.name)
def test_settings_are_arguments_of_the_target(component):
    parameters = inspect.signature(load_object(component.target)).parameters
    config = component.config and load_object(component.config)
    assert {field.name for field in attrs.fields(config)} <= set(parameters) if config else True


def test_declaring_and_checking_imports_no_torch():
    code = (
        "import sys; from wmframe.config import load_object;"
        "from wmframe_dreamerv2.plugin import wmframe_components;"
        "[load_object(c.config)() for c in wmframe_components() if c.config];"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_settings_are_described_with_the_defaults_that_the_agent_gives():
    defaults = {row.name: row.default for row in rows_of(AgentConfig)}
    assert defaults["behavior.actor_optimizer.lr"] == "8e-05"
    assert defaults["model.optimizer.lr"] == "0.0003"
    assert defaults["bonus.norm.momentum"] == "0.99"
    assert defaults["behavior.reward_norm.momentum"] == "1.0"
