from __future__ import annotations

from wmframe.testing import conformance

DIAL = {
    "id": "gymnasium_toys:Dial-v0",
    "vectors": True,
    "scores": {"count": "max"},
    "action_repeat": 2,
}

test_component = conformance("gymnasium", {"gymnasium": DIAL})
