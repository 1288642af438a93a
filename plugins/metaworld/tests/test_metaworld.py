from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from wmframe.envs.vector import Simulators
from wmframe.testing.suites import check_replay
from wmframe_metaworld.config import MetaWorldConfig
from wmframe_metaworld.env import MetaWorldEnv, orient
from wmframe_metaworld.suite import MetaWorldSuite
from wmframe_metaworld.tasks import TASKS, task_name

pytestmark = pytest.mark.gl


@pytest.fixture
def make():
    made = []

    def build(task="drawer-open", render="fast", **settings):
        made.append(MetaWorldSuite(MetaWorldConfig(task=task, render=render, **settings)).make())
        return made[-1]

    yield build
    for env in made:
        env.close()


def play(env, seed, turns=6, action_seed=0):
    rng = np.random.default_rng(action_seed)
    observations, rewards = [env.reset(seed=seed)[0]], []
    for _ in range(turns):
        obs, reward, *_ = env.step(rng.uniform(-1, 1, 4).astype(np.float32))
        observations.append(obs)
        rewards.append(reward)
    return observations, rewards


def assert_same(a, b):
    assert a[1] == b[1]
    for left, right in zip(a[0], b[0], strict=True):
        for key in left:
            np.testing.assert_array_equal(left[key], right[key], err_msg=key)


def test_the_list_of_tasks_is_that_of_the_installed_package():
    from metaworld import ALL_V3_ENVIRONMENTS

    assert sorted(f"{task}-v3" for task in TASKS) == sorted(ALL_V3_ENVIRONMENTS)
    assert len(TASKS) == 50


@pytest.mark.parametrize("name", ["drawer-open", "drawer_open", "drawer-open-v2", "drawer_open_v3"])
def test_names_of_the_reference_and_of_both_versions_are_understood(name):
    assert task_name(name) == "drawer-open"


def test_settings_load_without_the_simulator_or_torch():
    code = (
        "import sys, wmframe_metaworld.plugin, wmframe_metaworld.config, wmframe_metaworld.suite;"
        "sys.exit(bool({'torch', 'mujoco', 'metaworld'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_seed_fixes_the_episode_whatever_came_before(make):
    env = make(state=True)
    first = play(env, seed=5)
    play(env, seed=6, turns=11)
    assert_same(first, play(env, seed=5))
    assert_same(first, play(make(state=True), seed=5))


def test_every_reset_draws_a_new_place_for_the_object(make):
    env = make(state=True)
    places = {env.reset(seed=seed)[0]["state"][4:7].tobytes() for seed in range(60)}
    assert len(places) == 60  # MT1 would give 46


def test_the_first_observation_shows_the_object_where_it_is_unless_asked_otherwise(make):
    still = np.zeros(4, np.float32)
    for stale in (False, True):
        env = make(state=True, stale_first_frame=stale)
        moved = []
        for seed in range(5):
            first = env.reset(seed=seed)[0]["state"][4:7]
            moved.append(np.abs(env.step(still)[0]["state"][4:7] - first).max())
        assert max(moved) > 0.01 if stale else max(moved) < 1e-3


def test_the_state_repeats_itself_as_its_own_past_in_the_first_observation(make):
    state = make(state=True).reset(seed=0)[0]["state"]
    np.testing.assert_array_equal(state[:18], state[18:36])
    assert state[36:].any()  # the goal is observable


def test_orientations_are_flips_of_the_camera_picture(make):
    raw = make(orientation="raw").reset(seed=1)[0]["image"]
    reference = make().reset(seed=1)[0]["image"]
    upright = make(orientation="upright").reset(seed=1)[0]["image"]
    np.testing.assert_array_equal(reference, raw[::-1])
    np.testing.assert_array_equal(upright, raw[::-1, ::-1])
    assert orient(raw, "raw") is raw
    assert raw.shape == (64, 64, 3) and raw.dtype == np.uint8 and raw.std() > 20


def test_corner2_stands_where_the_reference_moved_it(make):
    env, other = make(camera="corner2"), make(camera="corner4")
    np.testing.assert_array_equal(env.reset(seed=0)[0]["image"], other.reset(seed=0)[0]["image"])


def test_render_profiles_change_pictures_and_nothing_else(make):
    fast, near = (
        play(make(state=True, render=render), 3, 3) for render in ("fast", "near_lossless")
    )
    assert fast[1] == near[1]
    for left, right in zip(fast[0], near[0], strict=True):
        np.testing.assert_array_equal(left["state"], right["state"])
    difference = np.abs(fast[0][-1]["image"].astype(float) - near[0][-1]["image"]).mean()
    assert 1 < difference < 15


def test_repeated_actions_add_their_rewards_up_to_the_time_limit(make):
    action = np.float32([0.3, -0.2, 0.1, 1])
    single, repeated = make(), make(action_repeat=2, time_limit=5)
    single.reset(seed=2)
    repeated.reset(seed=2)
    rewards = [single.step(action)[1] for _ in range(5)]
    steps = [repeated.step(action) for _ in range(3)]
    np.testing.assert_allclose(
        [step[1] for step in steps], [sum(rewards[:2]), sum(rewards[2:4]), rewards[4]]
    )
    assert [step[3] for step in steps] == [False, False, True]
    assert not any(step[2] for step in steps)


def test_an_expert_succeeds_and_the_episode_counts_as_a_success():
    from metaworld.policies import SawyerDrawerOpenV3Policy

    policy = SawyerDrawerOpenV3Policy()
    suite = MetaWorldSuite(
        MetaWorldConfig(task="drawer-open", render="fast", state=True, time_limit=130)
    )
    with Simulators(suite, 1, seed=0, processes=False) as sims:
        sims.send(None)
        rows = sims.receive()
        while not rows.data["is_last"][0]:
            action = policy.get_action(rows.data["state"][0].astype(np.float64))
            sims.send(np.clip(action, -1, 1)[None])
            rows = sims.receive()
        assert rows.scores == [{"success": 1.0}]
        assert not rows.data["is_terminal"][0]


def test_a_replayed_episode_has_the_rows_of_the_first():
    check_replay(MetaWorldSuite(MetaWorldConfig(task="push", render="fast", state=True)))


def test_a_suite_is_pickled_and_tells_what_decides_its_pictures():
    suite = pickle.loads(
        pickle.dumps(MetaWorldSuite(MetaWorldConfig(task="reach", action_repeat=2)))
    )
    assert suite.config == MetaWorldConfig(task="reach", action_repeat=2)
    assert suite.action_repeat == 2 and suite.deterministic
    assert suite.facts()["render"] == "full"
    assert suite.facts()["mujoco"] and suite.facts()["metaworld"]


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_every_task_can_be_played_and_repeats_itself(make, task):
    env = make(task, state=True)
    assert isinstance(env, MetaWorldEnv)
    first = play(env, seed=5)
    play(env, seed=6, turns=3)
    assert_same(first, play(env, seed=5))
    assert first[0][0]["image"].std() > 10
