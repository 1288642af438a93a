from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from wmframe.envs.actions import ActionCodec
from wmframe.errors import SimulatorError

SPACES = [
    spaces.Box(-1, 1, (3,), np.float32),
    spaces.Box(np.float32([0, -2]), np.float32([4, 10]), dtype=np.float32),
    spaces.Box(-3, 3, (2, 2), np.float64),
    spaces.Box(-np.inf, np.inf, (2,), np.float32),
    spaces.Discrete(5),
    spaces.Discrete(3, start=-1),
    spaces.MultiDiscrete([3, 2, 4]),
    spaces.MultiDiscrete([3, 2], start=[1, -5]),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_decoded_samples_are_legal_and_encode_back(space):
    codec, rng = ActionCodec(space), np.random.default_rng(0)
    for _ in range(20):
        vector = codec.sample(rng)
        action = codec.decode(vector)
        assert vector.dtype == np.float32 and vector.shape == (codec.spec.size,)
        assert space.contains(action)
        np.testing.assert_allclose(codec.encode(action), vector, atol=1e-6)


def test_box_is_rescaled_from_minus_one_one_and_clipped():
    codec = ActionCodec(SPACES[1])
    np.testing.assert_allclose(codec.decode(np.float32([-1, 1])), [0, 10])
    np.testing.assert_allclose(codec.decode(np.float32([0, 0])), [2, 4])
    np.testing.assert_allclose(codec.decode(np.float32([7, -7])), [4, -2])


def test_a_unit_box_leaves_actions_exactly_as_they_are():
    vector = np.random.default_rng(0).uniform(-1, 1, 3).astype(np.float32)
    np.testing.assert_array_equal(ActionCodec(SPACES[0]).decode(vector), vector)


def test_an_unbounded_entry_is_left_alone_beside_a_bounded_one():
    space = spaces.Box(np.float32([-np.inf, 0]), np.float32([np.inf, 8]), dtype=np.float32)
    np.testing.assert_allclose(ActionCodec(space).decode(np.float32([0.5, 0.5])), [0.5, 6])


def test_multi_discrete_takes_the_largest_of_each_group():
    codec = ActionCodec(spaces.MultiDiscrete([3, 2]))
    assert codec.spec.groups == (3, 2)
    action = codec.decode(np.float32([0.1, 0.2, 0.9, 0.6, 0.4]))
    np.testing.assert_array_equal(action, [2, 0])


def test_samples_cover_every_choice_uniformly():
    codec, rng = ActionCodec(spaces.Discrete(4)), np.random.default_rng(0)
    counts = np.sum([codec.sample(rng) for _ in range(4000)], axis=0)
    assert np.all(abs(counts - 1000) < 120)


def test_other_spaces_are_refused_with_a_hint():
    with pytest.raises(SimulatorError, match="MultiBinary") as caught:
        ActionCodec(spaces.MultiBinary(3))
    assert "wrap" in caught.value.hint
