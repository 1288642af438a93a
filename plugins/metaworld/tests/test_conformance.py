from __future__ import annotations

import pytest

from wmframe.testing import conformance

pytestmark = pytest.mark.gl

test_component = conformance(
    "metaworld", {"metaworld": {"task": "drawer-open", "render": "fast", "state": True}}
)
