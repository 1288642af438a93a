"""Environments that give something else than they declare, and spaces of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from wmframe.envs.actions import ActionCodec
from wmframe.envs.vector import Simulators
from wmframe.errors import SimulatorError
from wmframe_gymnasium.config import GymnasiumConfig
from wmframe_gymnasium.suite import GymnasiumSuite

PICTURE = spaces.Box(0, 255, (64, 64, 3), np.uint8)
VECTOR = spaces.Box(-1, 1, (3,), np.float32)
SHOWN = {"pixels": "observation"}
TOLD = {"pixels": "none"}
DRAWN = {"pixels": "render"}
CAMERAS = spaces.Dict(cam=spaces.Dict(a=PICTURE, b=spaces.Box(0, 255, (40, 50, 1), np.uint8)))


def full(value, dtype, shape=(64, 64, 3)):
    return np.full(shape, value, dtype)


def first_rows(turns=2, settings=SHOWN, **told):
    """Rows of an environment that is told what to give."""
    suite = GymnasiumSuite(GymnasiumConfig(id="gymnasium_toys:Told", kwargs=told, **settings))
    with Simulators(suite, 1, seed=0, processes=False) as sims:
        rng = np.random.default_rng(0)
        for turn in range(turns):
            sims.send(None if turn == 0 else sims.codec.sample(rng)[None])
            rows = sims.receive()
    return {key: value[0] for key, value in rows.data.items()}


LIES = [
    (SHOWN, PICTURE, full(0.9, np.float64), "observation 'image' is float64 [64, 64, 3] from 0.9"),
    (SHOWN, PICTURE, full(1.0, np.float32), "observation 'image' is float32 [64, 64, 3] from 1"),
    (SHOWN, PICTURE, full(300, np.int64), "observation 'image' is int64 [64, 64, 3] from 300"),
    (SHOWN, PICTURE, full(-1, np.int16), "observation 'image' is int16 [64, 64, 3] from -1"),
    (SHOWN, PICTURE, full(9, np.uint8, (64, 64)), "observation 'image' is uint8 [64, 64] from 9"),
    (SHOWN, PICTURE, full(9, np.uint8, (3, 64, 64)), "observation 'image' is uint8 [3, 64, 64]"),
    (SHOWN, PICTURE, None, "observation 'image' is None"),
    (SHOWN, CAMERAS, {"cam": {"a": full(9, np.uint8)}}, "the observation at 'cam' is"),
    (SHOWN, CAMERAS, {"cam": None}, "the observation at 'cam' is None, which has no 'a'"),
    (SHOWN, CAMERAS, None, "the observation is None, which has no 'cam'"),
    (
        SHOWN,
        CAMERAS,
        {"cam": {"a": full(0.5, float), "b": full(9, np.uint8, (40, 50, 1))}},
        "observation 'image' (cam/a) is float64",
    ),
    (TOLD, VECTOR, [0, np.nan, 0], "observation 'observation' is float64 [3] with nan at [1]"),
    (TOLD, VECTOR, np.float32([0, 0, np.inf]), "is float32 [3] with inf at [2]"),
    (TOLD, VECTOR, np.zeros(4), "observation 'observation' is float64 [4]"),
    (TOLD, VECTOR, None, "observation 'observation' is None"),
    (TOLD, spaces.Discrete(4), 4, "is 4; declared is int64 [] from 0 to 3"),
    (TOLD, spaces.Discrete(4), -1, "is -1; declared"),
    (TOLD, spaces.MultiDiscrete([2, 3]), [1, 3], "is int64 [2] from 1 to 3"),
    (TOLD, spaces.MultiBinary(2), [1, 2], "is int64 [2] from 1 to 2"),
    (TOLD, spaces.Box(0, 9, (2,), np.int32), [0, 10], "is int64 [2] from 0 to 10"),
]


@pytest.mark.parametrize(("settings", "space", "gives", "message"), LIES)
def test_an_observation_that_is_not_what_its_space_declares_is_named(
    settings, space, gives, message
):
    with pytest.raises(SimulatorError) as caught:
        first_rows(settings=settings, space=space, gives=gives)
    assert caught.value.message.startswith("simulator 0, episode 0, step 0: ")
    assert message in caught.value.message and caught.value.hint


@pytest.mark.parametrize(
    ("space", "gives", "expected"),
    [
        (VECTOR, [0.0, 1.0, 2.0], [0, 1, 2]),
        (spaces.Box(-1, 1, (2, 2), np.float64), np.full((2, 2), -7.5), [-7.5] * 4),
        (spaces.Discrete(3, start=-1), np.array([1]), [0, 0, 1]),
        (spaces.MultiDiscrete([3, 4], start=[1, -2]), [3, -2], [0, 0, 1, 1, 0, 0, 0]),
        (spaces.MultiDiscrete([3], np.int8, start=[-128]), np.int8([-127]), [0, 1, 0]),
        (spaces.MultiBinary(3), [True, False, True], [1, 0, 1]),
    ],
)
def test_what_loses_nothing_is_observed(space, gives, expected):
    row = first_rows(settings=TOLD, space=space, gives=gives)
    np.testing.assert_array_equal(row["observation"], np.float32(expected))


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        (None, "render() gives nothing"),
        ([full(0, np.uint8)], "render() gives uint8 [1, 64, 64, 3]"),
        (full(0.5, np.float64), "render() gives float64 [64, 64, 3]"),
        (full(300, np.int64), "what render() gives is int64 [64, 64, 3] from 300 to 300"),
        (full(0, np.uint8, (64, 64)), "render() gives uint8 [64, 64]"),
        (full(0, np.uint8, (0, 64, 3)), "render() gives uint8 [0, 64, 3]"),
        ("a picture", "render() gives 'a picture'"),
    ],
)
def test_what_is_drawn_but_is_no_rgb_picture_is_named(draws, message):
    with pytest.raises(SimulatorError) as caught:
        first_rows(settings=DRAWN, space=VECTOR, gives=np.zeros(3), draws=draws)
    assert message in caught.value.message and caught.value.hint


def test_a_picture_of_whole_numbers_is_one_and_its_alpha_is_dropped():
    drawn = np.concatenate([full(200, np.int64), full(7, np.int64, (64, 64, 1))], -1)
    row = first_rows(settings=DRAWN, space=VECTOR, gives=np.zeros(3), draws=drawn)
    np.testing.assert_array_equal(row["image"], full(200, np.uint8))


@pytest.mark.parametrize("reward", [None, np.nan, np.inf, np.array([1.0, 2.0]), "1"])
def test_a_reward_that_is_no_finite_number_is_named(reward):
    with pytest.raises(SimulatorError, match="episode 0, step 1: the reward is"):
        first_rows(gives=full(9, np.uint8), space=PICTURE, reward=reward)


def test_a_reward_in_an_array_of_one_is_that_number():
    assert (
        first_rows(gives=full(9, np.uint8), space=PICTURE, reward=np.array([2.5]))["reward"] == 2.5
    )


@pytest.mark.parametrize(
    ("space", "settings"),
    [
        (spaces.Dict({"x/y": VECTOR, "x": spaces.Dict(y=VECTOR)}), TOLD),
        (spaces.Dict({1: VECTOR, "1": VECTOR}), TOLD),
        (spaces.Dict(reward=VECTOR, obs_reward=VECTOR), TOLD),
        (spaces.Dict([("c", PICTURE), ("a/b", PICTURE), ("a", spaces.Dict(b=PICTURE))]), SHOWN),
        (spaces.Dict({"a/b": PICTURE, "a": spaces.Dict(b=VECTOR), "image": PICTURE}),
         SHOWN | {"vectors": True}),
    ],
)  # fmt: skip
def test_two_observations_of_one_name_are_refused(space, settings):
    with pytest.raises(SimulatorError, match="2 observations would be called"):
        first_rows(settings=settings, space=space)


@pytest.mark.parametrize("key", ["../../evil", "", "a" * 300, "a\nb"])
def test_names_that_cannot_be_kept_are_refused_before_any_step(key):
    with pytest.raises(SimulatorError, match="observation"):
        first_rows(settings=TOLD, space=spaces.Dict({key: VECTOR, "b": VECTOR}))


def test_numbers_as_names_and_names_that_rows_have_are_kept():
    space = spaces.Dict({7: VECTOR, "discount": VECTOR, "image": VECTOR, "is_last": VECTOR})
    row = first_rows(settings=TOLD, space=space, gives=dict.fromkeys(space, np.ones(3)))
    for key in ("7", "obs_discount", "obs_image", "obs_is_last"):
        np.testing.assert_array_equal(row[key], np.ones(3))


ACTIONS = [
    spaces.Discrete(1),
    spaces.Discrete(3, start=-1),
    spaces.MultiDiscrete([[3, 2], [4, 5]]),
    spaces.MultiDiscrete([3, 4], start=[1, -2]),
    spaces.MultiBinary([2, 2]),
    spaces.Box(-2, 2, (), np.float32),
    spaces.Box(-1, 1, (2, 3), np.float16),
    spaces.Box(0, 255, (2,), np.uint8),
    spaces.Box(-1, 1, (1,), np.int64),
    spaces.Box(np.float32([0, -1]), np.float32([0, 1])),
    spaces.Box(-3.4e38, 3.4e38, (2,), np.float32),
    spaces.Box(5, np.inf, (2,), np.float32),
    spaces.Box(0, 1, (2,), bool),
    spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(-1, 1, (2,))),
    spaces.Tuple([spaces.Discrete(2), spaces.Dict(c=spaces.MultiBinary(3))]),
]


@pytest.mark.filterwarnings("ignore:actions in")
@pytest.mark.parametrize("space", ACTIONS, ids=str)
def test_an_environment_is_given_actions_of_its_own_space(space):
    first_rows(turns=30, gives=full(9, np.uint8), space=PICTURE, acts=space)  # the toy checks them


def test_every_integer_of_a_box_reaches_the_environment(make):
    env = make("gymnasium_toys:Told", kwargs={"acts": spaces.Box(0, 10, (20,), np.int32),
                                              "gives": full(9, np.uint8, (48, 96, 3))})  # fmt: skip
    codec, rng = ActionCodec(env.action_space), np.random.default_rng(0)
    env.reset(seed=0)
    for _ in range(30):
        env.step(codec.decode(codec.sample(rng)))
    assert set(np.ravel(env._env.actions)) == set(range(11))


@pytest.mark.parametrize("space", [spaces.Text(4), spaces.Sequence(VECTOR), spaces.Box(0, 1, (0,))])
def test_actions_that_cannot_be_given_are_refused_by_name(space):
    with pytest.raises(SimulatorError, match=r"Text|Sequence|no entries"):
        first_rows(gives=full(9, np.uint8), space=PICTURE, acts=space)


def test_actions_without_bounds_are_warned_of():
    with pytest.warns(UserWarning, match="lack a bound"):
        first_rows(gives=full(9, np.uint8), space=PICTURE, acts=spaces.Box(-np.inf, np.inf, (2,)))
