"""What the plugin declares can be imported, and its settings need no torch."""

from __future__ import annotations

import subprocess
import sys

from wmframe.cli.describing import rows_of
from wmframe_dreamerv2.config import DreamerV2Config
from wmframe_dreamerv2.plugin import wmframe_components

COMPONENTS = list(wmframe_components())


def test_declaring_and_checking_imports_no_torch():
    code = (
        "import sys; from wmframe.config import load_object;"
        "from wmframe_dreamerv2.plugin import wmframe_components;"
        "[load_object(c.config)() for c in wmframe_components() if c.config];"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_settings_are_described_with_the_defaults_that_the_agent_gives():
    defaults = {row.name: row.default for row in rows_of(DreamerV2Config)}
    assert defaults["optimizers"] == "model: wmframe.adam"
    assert defaults["behavior"] == "wmframe.actor_critic"
    assert defaults["rewards.divide_by"] == "1.0"
