"""Settings of the suite on a toy environment."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest

from wmframe.envs.actions import ActionCodec
from wmframe.envs.vector import Simulators
from wmframe.errors import RecipeError, SimulatorError
from wmframe.recipe.structure import structure_part
from wmframe_gymnasium.config import GymnasiumConfig
from wmframe_gymnasium.suite import GymnasiumSuite


def seen(env):
    obs = env.reset(seed=0)[0]
    assert env.observation_space.contains(obs)
    return {key: value.shape for key, value in obs.items()}


def test_settings_and_suite_load_without_torch():
    code = (
        "import sys, wmframe_gymnasium.plugin, wmframe_gymnasium.config;"
        "light = 'gymnasium' not in sys.modules; import wmframe_gymnasium.env;"
        "sys.exit(not light or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"image": (64, 64, 3)}),
        ({"vectors": True, "size": 32}, {"image": (32, 32, 3), "observation": (3,)}),
        ({"pixels": "none"}, {"observation": (3,)}),
        ({"kwargs": {"observed": "grey"}}, {"image": (64, 64, 1)}),
        ({"kwargs": {"observed": "grey"}, "pixels": "render"}, {"image": (64, 64, 3)}),
        (
            {"kwargs": {"observed": "codes"}, "pixels": "none"},
            {"obs_image": (147,), "compass": (4,)},
        ),
        (
            {"kwargs": {"observed": "codes"}, "pixels": "observation", "vectors": True},
            {"image": (64, 64, 3), "compass": (4,)},
        ),
    ],
)
def test_images_are_observed_or_rendered_and_vectors_come_on_request(make, settings, expected):
    assert seen(make(**settings)) == expected


@pytest.mark.parametrize(
    ("name", "settings", "hint"),
    [
        ("gymnasium_toys:Mute-v0", {}, 'pixels = "none"'),
        ("gymnasium_toys:Mute-v0", {"pixels": "render"}, 'pixels = "none"'),
        ("gymnasium_toys:Dial-v0", {"pixels": "observation"}, 'pixels = "render"'),
        (
            "gymnasium_toys:Dial-v0",
            {"pixels": "none", "kwargs": {"observed": "image"}},
            'pixels = "render"',
        ),
    ],
)
def test_what_is_not_there_to_see_is_refused_with_what_to_set(make, name, settings, hint):
    with pytest.raises(SimulatorError, match="not there") as caught:
        make(name, **settings)
    assert hint in caught.value.hint


def test_a_picture_that_is_drawn_is_that_of_the_last_frame(make):
    env = make(action_repeat=3, vectors=True)
    env.reset(seed=4)
    obs = env.step(np.int64(0))[0]
    assert (obs["image"] == int(obs["observation"][0])).all()


@pytest.mark.parametrize(
    ("acted", "vector", "expected"),
    [
        ("discrete", [0, 0, 1], 2),
        ("two", [0, 1, 1, 0, 0], [1, 0]),
        ("bits", [0, 1, 1, 0, 0, 1], [1, 0, 1]),
        ("box", [0.5, -3.0], [2.5, 0.0]),
        ("open", [-0.5, 0.5], [0.5, 0.5]),
    ],
)
def test_vectors_in_unit_range_become_actions_of_the_environment(make, acted, vector, expected):
    env = make(kwargs={"acted": acted})
    codec = ActionCodec(env.action_space)
    env.reset(seed=0)
    env.step(codec.decode(np.array(vector)))
    [action] = env._env.unwrapped.actions
    np.testing.assert_allclose(action, expected)


def test_rewards_of_repeated_actions_add_up_and_an_end_cuts_them_short(make):
    env = make(action_repeat=3, kwargs={"length": 4})
    env.reset(seed=0)
    answers = [env.step(np.int64(0))[1:4] for _ in range(2)]
    assert answers == [(3.0, False, False), (1.0, True, False)]


@pytest.mark.parametrize(("time_limit", "steps"), [(None, 10), (4, 4), (15, 15)])
def test_the_time_limit_takes_the_place_of_the_ids_and_truncates(make, time_limit, steps):
    env = make(time_limit=time_limit)
    env.reset(seed=0)
    ends = [env.step(np.int64(0))[2:4] for _ in range(steps)]
    assert ends == [(False, False)] * (steps - 1) + [(False, True)]


def test_a_seed_fixes_the_episode_whatever_came_before(make):
    env, fresh = make(), make()

    def colours(env, seed):
        images = [env.reset(seed=seed)[0]["image"]]
        images += [env.step(np.int64(0))[0]["image"] for _ in range(4)]
        return [int(image[0, 0, 0]) for image in images]

    first = colours(env, 7)
    assert colours(env, 8) != first
    assert colours(env, 7) == first == colours(fresh, 7)


def test_wrappers_are_put_around_in_order(make):
    plain, inverted, twice = (
        make(wrappers=("gymnasium_toys:Invert",) * count, pixels="none").reset(seed=0)[0]
        for count in range(3)
    )
    np.testing.assert_array_equal(plain["observation"], -inverted["observation"])
    np.testing.assert_array_equal(plain["observation"], twice["observation"])


def scores(suite):
    with Simulators(suite, 1, seed=0, processes=False) as sims:
        while True:
            sims.send(np.zeros((1, 3), np.float32))
            rows = sims.receive()
            if rows.data["is_last"][0]:
                return rows.scores[0]


@pytest.mark.parametrize("repeat", [1, 3])
def test_scores_reduce_what_info_says_over_an_episode(repeat):
    rules = {"success": "max", "count": "sum", "done/odd": "ever"}
    kwargs = {"length": 5, "tells": "is_success"}
    suite = GymnasiumSuite(
        GymnasiumConfig(
            id="gymnasium_toys:Dial-v0", scores=rules, kwargs=kwargs, action_repeat=repeat
        )
    )
    assert scores(suite) == {"success": 1.0, "count": 15.0, "done/odd": 1.0}


def test_a_score_that_is_never_told_is_zero_and_warned_of_once():
    suite = GymnasiumSuite(GymnasiumConfig(id="gymnasium_toys:Dial-v0", scores={"coun": "max"}))
    with pytest.warns(UserWarning, match="did you mean 'count'"):
        assert scores(suite) == {"coun": 0.0}
    env = suite.make()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            env.reset(seed=0)
            while not env.step(np.int64(0))[3]:
                pass
    assert len(caught) == 1


def test_a_score_that_is_no_number_is_refused():
    suite = GymnasiumSuite(GymnasiumConfig(id="gymnasium_toys:Dial-v0", scores={"done": "max"}))
    with pytest.raises(SimulatorError, match="no number"):
        scores(suite)


def test_a_recipe_may_pass_nested_kwargs_and_a_wrong_reduction_is_named():
    table = {"use": "gymnasium", "id": "X-v0", "kwargs": {"a": {"b": [1, 2.5, "c"]}}}
    assert structure_part("suite", table).build().config.kwargs == {"a": {"b": [1, 2.5, "c"]}}
    with pytest.raises(RecipeError, match="did you mean 'max'"):
        structure_part("suite", {"use": "gymnasium", "id": "X-v0", "scores": {"success": "mx"}})


def test_a_suite_is_pickled_and_tells_its_environment_and_versions():
    suite = pickle.loads(
        pickle.dumps(GymnasiumSuite(GymnasiumConfig(id="gymnasium_toys:Dial-v0", action_repeat=2)))
    )
    assert suite.action_repeat == 2
    assert set(suite.facts()) == {"id", "gymnasium"}
    assert suite.facts()["id"] in suite.tasks()
