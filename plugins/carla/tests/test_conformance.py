from __future__ import annotations

import pytest

from wmframe.testing import conformance

pytestmark = pytest.mark.usefixtures("server")  # the double: there is no simulator

test_component = conformance("carla", {"carla": {"traffic": {"vehicles": 0}, "action_repeat": 2}})
