"""What an environment gives is what it declares, or it is named before it reaches a row."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from wmframe.envs.observing import observation_specs
from wmframe.envs.vector import Simulators
from wmframe.errors import SimulatorError
from wmframe.interfaces import EnvSuite

PICTURE = spaces.Box(0, 255, (4, 4, 3), np.uint8)
VECTOR = spaces.Box(-1, 1, (2,), np.float64)
DIAL = spaces.Box(0, 10, (), np.int64)
GOOD = {"image": np.full((4, 4, 3), 9, np.uint8), "arm": np.zeros(2), "dial": 3}


class Env(gymnasium.Env):
    """Gives what it is told to at its second step, good things before and after."""

    observation_space = spaces.Dict(image=PICTURE, arm=VECTOR, dial=DIAL)
    action_space = spaces.Discrete(2)

    def __init__(self, **odd):
        self.odd = odd

    def reset(self, seed=None, options=None):
        self.turn = 0
        return GOOD, {}

    def step(self, action):
        self.turn += 1
        odd = self.odd if self.turn == 2 else {}
        if "answer" in odd:
            return odd["answer"]
        obs = {**GOOD, **{key: odd[key] for key in GOOD if key in odd}}
        obs = odd.get("obs", obs)
        ends = odd.get("terminated", False), odd.get("truncated", False)
        return obs, odd.get("reward", 1), *ends, odd.get("info", {})


class Suite(EnvSuite):
    scores = {"success": "max"}  # noqa: RUF012

    def __init__(self, **odd):
        self.odd = odd

    def tasks(self):
        return ("toy",)

    def make(self, mode="train"):
        return Env(**self.odd)


def play(suite, turns=3, processes=False, first=0):
    with Simulators(suite, 1, seed=0, processes=processes, first=first) as sims:
        for turn in range(turns):
            sims.send(None if turn == 0 else np.float32([[1, 0]]))
            rows = sims.receive()
    return {key: value[0] for key, value in rows.data.items()}


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("image", np.full((4, 4, 3), 200, np.int64), np.full((4, 4, 3), 200, np.uint8)),
        ("image", np.full((4, 4, 3), 200).tolist(), np.full((4, 4, 3), 200, np.uint8)),
        ("arm", [7.0, -0.5], np.float32([7, -0.5])),  # bounds of floats are not held to
        ("arm", np.float16([1, 2]), np.float32([1, 2])),
        ("dial", np.array([10]), np.int64(10)),
        ("dial", 3.0, np.int64(3)),
        ("reward", np.array([2.5]), np.float32(2.5)),
        ("reward", True, np.float32(1)),
        ("terminated", np.True_, np.bool_(True)),
        ("truncated", np.array([1]), np.bool_(True)),
    ],
)
def test_values_that_lose_nothing_are_converted(key, value, expected):
    row = play(Suite(**{key: value}))
    got = row[{"terminated": "is_terminal", "truncated": "is_last"}.get(key, key)]
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


LIES = [
    ("image", np.full((4, 4, 3), 0.9), "observation 'image' is float64 [4, 4, 3] from 0.9 to 0.9"),
    ("image", np.full((4, 4, 3), 300), "observation 'image' is int64 [4, 4, 3] from 300 to 300"),
    ("image", np.full((4, 4), 9, np.uint8), "observation 'image' is uint8 [4, 4] from 9 to 9"),
    ("image", None, "observation 'image' is None; declared is uint8 [4, 4, 3]"),
    ("arm", [0, np.nan], "observation 'arm' is float64 [2] with nan at [1]; declared is float32"),
    ("arm", [np.inf, 0], "observation 'arm' is float64 [2] with inf at [0]"),
    ("arm", [None, 0], "observation 'arm' is object [2] with None at [0]"),
    ("arm", 0.5, "observation 'arm' is 0.5; declared is float32 [2]"),
    ("dial", 11, "observation 'dial' is 11; declared is int64 [] from 0 to 10"),
    ("dial", 0.5, "observation 'dial' is 0.5"),
    ("obs", {"image": GOOD["image"], "dial": 1}, "the observation lacks 'arm'"),
    ("obs", None, "the observation is None, no dict"),
    ("reward", None, "the reward is None; declared is one finite number"),
    ("reward", np.nan, "the reward is nan"),
    ("reward", -np.inf, "the reward is -inf"),
    ("reward", np.array([1.0, 2.0]), "the reward is float64 [2] from 1 to 2"),
    ("reward", "1", "the reward is '1'"),
    ("terminated", None, "terminated is None; declared is True or False"),
    ("truncated", "False", "truncated is 'False'"),
    ("truncated", np.array([True, False]), "truncated is bool [2]"),
    ("info", {"success": np.nan}, "info['success'], a score, is nan"),
    ("info", {"success": [1, 2]}, "info['success'], a score, is int64 [2]"),
    ("info", None, "info from step() is None, no dict"),
    ("answer", (GOOD, 1.0, False, {}), "step() gave 4 values, not observation, reward,"),
    ("answer", None, "step() gave None"),
]


@pytest.mark.parametrize(("key", "value", "message"), LIES)
def test_what_does_not_fit_is_named_with_its_place(key, value, message):
    with pytest.raises(SimulatorError) as caught:
        play(Suite(**{key: value}), first=4)
    assert caught.value.message.startswith("simulator 4, episode 0, step 2: " + message)
    assert caught.value.hint


def test_a_worker_process_says_the_same():
    with pytest.raises(SimulatorError, match="simulator 0, episode 0, step 2: the reward is nan"):
        play(Suite(reward=np.nan), processes=True)


def test_a_score_of_none_says_nothing():
    play(Suite(info={"success": None, "other": object()}))


class SameArray(Env):
    """Changes one array in place and returns it each time."""

    def reset(self, seed=None, options=None):
        super().reset()
        self.arm = np.zeros(2)
        return {**GOOD, "arm": self.arm}, {}

    def step(self, action):
        self.arm += 1
        return {**GOOD, "arm": self.arm}, 0.0, False, False, {}


def test_an_array_that_is_changed_in_place_is_copied(monkeypatch):
    monkeypatch.setattr(Suite, "make", lambda self, mode: SameArray())
    with Simulators(Suite(), 2, seed=0, processes=False) as sims:
        rows = []
        for turn in range(4):
            sims.send(None if turn == 0 else np.float32([[1, 0]] * 2))
            rows.append(sims.receive())
    assert [row.data["arm"].tolist() for row in rows] == [[[t, t]] * 2 for t in range(4)]


@pytest.mark.parametrize(
    "key",
    ["reward", "action", "is_first", "is_last", "is_terminal", "discount", "", "../../evil", "..",
     "/x", "a//b", "a" * 300, "é" * 100, "a\nb", "\udcff", 7, ("a", 1)],
)  # fmt: skip
def test_names_that_cannot_be_kept_are_refused_before_any_step(key):
    space = spaces.Dict()
    space.spaces = {key: VECTOR}
    with pytest.raises(SimulatorError, match="observation") as caught:
        observation_specs(space)
    assert "rename" in caught.value.hint


def test_other_names_are_kept():
    names = ["x/y", "a.b", "With Space", "grün", "con", "a" * 200]
    assert list(observation_specs(spaces.Dict([(name, VECTOR) for name in names]))) == names


@pytest.mark.parametrize(
    "space",
    [
        spaces.Text(4),
        spaces.Sequence(spaces.Discrete(2)),
        spaces.Graph(spaces.Discrete(2), None),
        spaces.OneOf([spaces.Discrete(2)]),
        spaces.Dict(a=spaces.Discrete(2)),
        spaces.Tuple([spaces.Discrete(2)]),
        spaces.Box(-1, 1, (0,)),
    ],
    ids=str,
)
def test_what_is_no_array_is_refused_by_name(space):
    with pytest.raises(SimulatorError, match="observation 'odd' is"):
        observation_specs(spaces.Dict(odd=space))


@pytest.mark.parametrize(
    ("space", "dtype"),
    [
        (spaces.Box(-1, 1, (2,), np.float64), "float32"),
        (spaces.Box(-1, 1, (2,), np.longdouble), "float32"),
        (spaces.Box(-1, 1, (2,), np.float16), "float16"),
        (spaces.Box(0, 1, (2,), bool), "bool"),
        (spaces.Box(0, 9, (2,), np.int8), "int8"),
        (spaces.Discrete(3), "int64"),
        (spaces.MultiBinary(3), "int8"),
    ],
    ids=str,
)
def test_dtypes_are_those_of_the_space_and_floats_no_wider_than_32_bits(space, dtype):
    assert observation_specs(spaces.Dict(x=space))["x"].dtype == dtype
