from __future__ import annotations

import pytest

from wmframe.testing import conformance

pytestmark = pytest.mark.gl

test_component = conformance(
    "dmc", {"dmc": {"task": "cartpole_balance", "render": "fast", "proprioception": True}}
)
