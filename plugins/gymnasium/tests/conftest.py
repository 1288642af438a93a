"""Makes the toy environments importable by id, in worker processes too: they inherit the path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wmframe_gymnasium.config import GymnasiumConfig
from wmframe_gymnasium.suite import GymnasiumSuite

sys.path.append(str(Path(__file__).parent))


@pytest.fixture
def make():
    """Build an environment of the suite, the toy unless another id is given."""
    made = []

    def build(name="gymnasium_toys:Dial-v0", **settings):
        made.append(GymnasiumSuite(GymnasiumConfig(**{"id": name, **settings})).make())
        return made[-1]

    yield build
    for env in made:
        env.close()
