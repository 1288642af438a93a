"""Environments of the older interface."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from gymnasium import spaces

from wmframe.errors import SimulatorError
from wmframe_gymnasium.classic import as_gymnasium


def images(env, seed):
    first = env.reset(seed=seed)[0]["image"]
    return np.stack([first, *(env.step(0)[0]["image"] for _ in range(2))])


@pytest.mark.parametrize("name", ["Old", "OldWithSeed", "OldResetWithSeed"])
def test_each_way_of_seeding_fixes_the_episode(make, name):
    env, fresh = make(f"gymnasium_toys:{name}"), make(f"gymnasium_toys:{name}")
    first = images(env, 3)
    assert not np.array_equal(images(env, 4), first)
    np.testing.assert_array_equal(images(env, 3), first)
    np.testing.assert_array_equal(images(fresh, 3), first)


def test_what_cannot_be_seeded_is_refused_unless_it_is_declared(make):
    with pytest.raises(SimulatorError, match="cannot be seeded") as caught:
        make("gymnasium_toys:OldUnseeded")
    assert "deterministic = false" in caught.value.hint
    env = make("gymnasium_toys:OldUnseeded", deterministic=False)
    assert images(env, 3).shape == (3, 64, 64, 3)


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ({}, (True, False)),
        ({"TimeLimit.truncated": True}, (False, True)),
        ({"discount": 1.0}, (False, True)),
        ({"discount": 0.0}, (True, False)),
    ],
)
def test_an_end_is_terminal_unless_info_says_that_time_was_up(make, ending, expected):
    env = make("gymnasium_toys:Old", kwargs={"ending": ending, "length": 2})
    env.reset(seed=0)
    assert [env.step(0)[2:4] for _ in range(2)] == [(False, False), expected]


def test_it_can_be_rendered_instead_of_observed(make):
    image = make("gymnasium_toys:Old", pixels="render", size=32).reset(seed=0)[0]["image"]
    assert image.shape == (32, 32, 3)


def test_spaces_are_known_by_their_fields():
    old = SimpleNamespace(
        spaces={
            "box": SimpleNamespace(low=-1, high=np.ones(2), shape=(2,), dtype=np.float32),
            "dial": SimpleNamespace(n=3),
            "dials": SimpleNamespace(nvec=np.array([2, 3])),
            "bits": SimpleNamespace(n=4, shape=(4,)),
            "pair": SimpleNamespace(spaces=(SimpleNamespace(n=2),)),
        }
    )
    assert as_gymnasium(old) == spaces.Dict(
        box=spaces.Box(-1, 1, (2,), np.float32),
        dial=spaces.Discrete(3),
        dials=spaces.MultiDiscrete([2, 3]),
        bits=spaces.MultiBinary(4),
        pair=spaces.Tuple([spaces.Discrete(2)]),
    )
    with pytest.raises(SimulatorError, match="not known"):
        as_gymnasium(object())
