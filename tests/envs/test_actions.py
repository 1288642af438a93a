from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

from wmframe.envs.action_parts import BINS
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


@pytest.mark.parametrize(
    ("space", "what"),
    [
        (spaces.Text(5), "type Text"),
        (spaces.Graph(spaces.Discrete(2), None), "type Graph"),
        (spaces.Sequence(spaces.Discrete(2)), "type Sequence"),
        (spaces.OneOf([spaces.Discrete(2), spaces.Box(-1, 1)]), "type OneOf"),
        (spaces.Dict(a=spaces.Discrete(2), b=spaces.Tuple([spaces.Text(2)])), "type Text at 'b/0'"),
        (spaces.Box(-1, 1, (0,)), "no entries"),
        (spaces.Box(-1, 1, (3, 0)), "no entries"),
        (spaces.MultiDiscrete([]), "no entries"),
        (spaces.Dict(), "no entries"),
        (spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(-1, 1, (0,))), "at 'b' has no entries"),
        (spaces.Discrete(10**9), "1000000000 entries"),
        (spaces.Box(-np.inf, np.inf, (2,), np.int64), f"{2**64} values"),
        (spaces.Box(0, 2**32 - 1, (2,), np.uint32), f"{2**32} values"),
    ],
    ids=str,
)
def test_other_spaces_are_refused_by_name_with_a_hint(space, what):
    with pytest.raises(SimulatorError) as caught:
        ActionCodec(space)
    assert what in caught.value.message and "wrap" in caught.value.hint


@pytest.mark.parametrize(
    ("low", "high", "lowest", "highest"),
    [
        (-np.inf, np.inf, -1, 1),
        (0, np.inf, 0, 2),
        (5, np.inf, 5, 7),
        (-9, np.inf, -1, 1),
        (-np.inf, 0, -2, 0),
        (-np.inf, 9, -1, 1),
        (3, 3, 3, 3),
        (-3.4e38, 3.4e38, -3.4e38, 3.4e38),
        (0.1, 0.3, 0.1, 0.3),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_reach_both_bounds_and_go_beside_one_as_far_as_without(
    low, high, lowest, highest, dtype
):
    space = spaces.Box(low, high, (1,), dtype)
    codec = ActionCodec(space)
    ends = [codec.decode(np.float32([end])) for end in (-1, 1)]
    np.testing.assert_allclose(ends, [[dtype(lowest)], [dtype(highest)]], rtol=1e-15)
    assert all(space.contains(end) for end in ends)
    assert codec.open == (not np.isfinite([low, high]).all())
    assert np.isfinite([codec.encode(end) for end in ends]).all()


def test_bounds_of_the_widest_floats_do_not_overflow():
    space = spaces.Box(-1.7e308, 1.7e308, (1,), np.float64)
    codec = ActionCodec(space)
    assert codec.decode(np.float32([1])) == 1.7e308 and codec.decode(np.float32([0])) == 0


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_an_array_of_any_shape_comes_back_as_it_was(shape):
    for space in (spaces.Box(-2, 2, shape, np.float32), spaces.Box(0, 9, shape, np.int8)):
        codec = ActionCodec(space)
        action = codec.decode(codec.sample(np.random.default_rng(0)))
        assert isinstance(action, np.ndarray) and action.shape == shape
        assert action.dtype == space.dtype and space.contains(action)


@pytest.mark.parametrize("action", [5, -1, 0.5, None, [0, 1], "a"])
def test_what_is_no_action_is_not_encoded(action):
    with pytest.raises(SimulatorError, match="the action is"):
        ActionCodec(spaces.Discrete(3)).encode(action)


def test_a_nested_action_that_lacks_a_part_is_named():
    codec = ActionCodec(spaces.Dict(a=spaces.Discrete(2), b=spaces.Discrete(2)))
    with pytest.raises(SimulatorError, match="no 'b'"):
        codec.encode({"a": 1})


def test_choices_alone_are_groups_and_beside_floats_bins():
    alone = ActionCodec(spaces.Tuple([spaces.Discrete(2), spaces.MultiBinary(2)]))
    assert alone.spec.discrete and alone.spec.groups == (2, 2, 2)
    beside = ActionCodec(spaces.Dict(a=spaces.Discrete(4, start=1), b=spaces.Box(-2, 2, (2,))))
    assert not beside.spec.discrete and beside.spec.size == 3
    action = beside.decode(np.float32([0.1, 0.5, -1]))
    assert action["a"] == 3
    np.testing.assert_array_equal(action["b"], np.float32([1, -2]))


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [(0, 1, np.int32), (-1, 1, np.int64), (0, 10, np.uint8), (-128, 127, np.int8)],
)
def test_random_actions_reach_every_integer_equally_often(low, high, dtype):
    codec, rng = ActionCodec(spaces.Box(low, high, (50,), dtype)), np.random.default_rng(0)
    drawn = np.concatenate([codec.decode(codec.sample(rng)) for _ in range(1000)])
    values, counts = np.unique(drawn, return_counts=True)
    expected = 50_000 / (high - low + 1)
    assert values.tolist() == list(range(low, high + 1))
    assert (abs(counts - expected) < 5 * np.sqrt(expected)).all()


INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]


@st.composite
def integer_boxes(draw):
    """An integer Box of up to 2**24 values an entry, anywhere in its dtype, and an action of it."""
    dtype = draw(st.sampled_from(INTEGERS))
    info, size = np.iinfo(dtype), draw(st.integers(1, 3))
    lows, highs, values = [], [], []
    for _ in range(size):
        low = draw(st.integers(int(info.min), int(info.max)))
        high = draw(st.integers(low, min(int(info.max), low + BINS - 1)))
        lows.append(low), highs.append(high), values.append(draw(st.integers(low, high)))
    low, high = np.array(lows, dtype), np.array(highs, dtype)
    return spaces.Box(low, high, dtype=dtype), np.array(values, dtype)


@st.composite
def choices(draw):
    """A space of choices with any start, and an action of it."""
    shape = draw(st.sampled_from([(1,), (3,), (2, 2)]))
    count = int(np.prod(shape))
    if draw(st.booleans()):
        bits = draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
        return spaces.MultiBinary(shape), np.array(bits, np.int8).reshape(shape)
    sizes = draw(st.lists(st.integers(1, 40), min_size=count, max_size=count))
    start = draw(st.lists(st.integers(-(2**40), 2**40), min_size=count, max_size=count))
    nvec, start = np.reshape(sizes, shape), np.reshape(start, shape)
    space = spaces.MultiDiscrete(nvec, start=start)
    offsets = np.reshape([draw(st.integers(0, size - 1)) for size in sizes], shape)
    return space, start + offsets


@st.composite
def single_choices(draw):
    """A Discrete, and an action of it."""
    count, start = draw(st.integers(1, 300)), draw(st.integers(-(2**62), 2**62))
    return spaces.Discrete(count, start=start), np.int64(start + draw(st.integers(0, count - 1)))


LEAVES = st.one_of(integer_boxes(), choices(), single_choices())


@settings(max_examples=300, deadline=None)
@given(LEAVES)
def test_every_value_of_a_discrete_space_comes_back(pair):
    space, action = pair
    codec = ActionCodec(space)
    vector = codec.encode(action)
    assert vector.dtype == np.float32 and vector.shape == (codec.spec.size,)
    back = codec.decode(vector)
    np.testing.assert_array_equal(back, action)
    assert space.contains(back)


@settings(max_examples=150, deadline=None)
@given(st.lists(LEAVES, min_size=1, max_size=3), st.booleans())
def test_so_do_those_of_nested_spaces_with_floats_or_without(pairs, floats):
    if floats:
        pairs = [*pairs, (spaces.Box(-2, 4, (2,), np.float32), np.float32([-2, 1]))]
    inner = spaces.Tuple([space for space, _ in pairs])
    space = spaces.Dict(parts=inner, more=spaces.Dict(last=spaces.Discrete(3)))
    codec = ActionCodec(space)
    action = {"parts": tuple(value for _, value in pairs), "more": {"last": np.int64(2)}}
    back = codec.decode(codec.encode(action))
    assert space.contains(back)
    assert back["more"]["last"] == 2
    for given_part, got in zip(action["parts"], back["parts"], strict=True):
        np.testing.assert_array_equal(got, given_part)
