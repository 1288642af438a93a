from __future__ import annotations

from wmframe.testing import conformance

test_component = conformance("atari", {"atari": {"task": "pong"}})
