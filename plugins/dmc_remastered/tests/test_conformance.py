from __future__ import annotations

import pytest

from wmframe.testing import conformance

pytestmark = pytest.mark.gl

SETTINGS = {
    "task": "cartpole_balance",
    "render": "fast",
    "assets": "procedural",
    "proprioception": True,
}

test_component = conformance("dmc_remastered", {"dmc_remastered": SETTINGS})
