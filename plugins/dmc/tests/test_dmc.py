from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from wmframe.errors import SimulatorError
from wmframe.testing.suites import check_replay
from wmframe_dmc.config import DmcConfig
from wmframe_dmc.env import check_numpy, default_camera
from wmframe_dmc.suite import DmcSuite
from wmframe_dmc.tasks import NAMES, TASKS, task_name

pytestmark = pytest.mark.gl


@pytest.fixture
def make():
    made = []

    def build(task="cartpole_balance", render="fast", **settings):
        made.append(DmcSuite(DmcConfig(task=task, render=render, **settings)).make())
        return made[-1]

    yield build
    for env in made:
        env.close()


def play(env, seed, turns=6):
    rng = np.random.default_rng(0)
    observations, rewards = [env.reset(seed=seed)[0]], []
    for _ in range(turns):
        obs, reward, *_ = env.step(rng.uniform(-1, 1, env.action_space.shape))
        observations.append(obs)
        rewards.append(reward)
    return observations, rewards


def assert_same(a, b):
    assert a[1] == b[1]
    for left, right in zip(a[0], b[0], strict=True):
        for key in left:
            np.testing.assert_array_equal(left[key], right[key], err_msg=key)


def test_the_list_of_tasks_is_that_of_the_installed_package():
    from dm_control import suite

    assert sorted(NAMES.values()) == sorted(suite.ALL_TASKS)
    assert len(TASKS) == 51


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("walker_walk", "walker_walk"),
        ("walker-walk", "walker_walk"),
        ("ball-in-cup-catch", "ball_in_cup_catch"),
        ("cup_catch", "ball_in_cup_catch"),
        ("humanoid_cmu_run", "humanoid_CMU_run"),
        ("walker_fly", "walker_fly"),
    ],
)
def test_names_are_understood_with_dashes_and_as_others_write_them(name, task):
    assert task_name(name) == task


def test_settings_load_without_the_simulator_or_torch():
    code = (
        "import sys, wmframe_dmc.plugin, wmframe_dmc.config, wmframe_dmc.suite;"
        "sys.exit(bool({'torch', 'mujoco', 'dm_control'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_seed_fixes_the_episode_whatever_came_before(make):
    env = make("reacher_easy", proprioception=True)
    first = play(env, seed=5)
    other = play(env, seed=6, turns=11)
    assert not np.array_equal(first[0][0]["position"], other[0][0]["position"])
    assert_same(first, play(env, seed=5))
    assert_same(first, play(make("reacher_easy", proprioception=True), seed=5))


@pytest.mark.parametrize(("task", "camera"), [("walker_walk", 0), ("quadruped_escape", 2)])
def test_full_pictures_are_those_of_dm_control_which_may_draw_between_them(make, task, camera):
    env = make(task, render="full")
    ours = env.reset(seed=1)[0]["image"]
    assert ours.std() > 20
    physics = env.unwrapped._env.physics
    del physics._make_rendering_contexts  # dm_control's own again
    for _ in range(2):
        np.testing.assert_array_equal(ours, physics.render(64, 64, camera_id=camera))
        np.testing.assert_array_equal(ours, env.unwrapped.observe()["image"])


def test_pictures_are_the_same_whatever_was_made_reset_and_closed_before(make):
    tasks = ("reacher_easy", "quadruped_escape")
    fresh = {task: picture_of_a_process_of_its_own(task) for task in tasks}
    live = {task: make(task) for task in tasks}
    for task in (*tasks, *reversed(tasks), *tasks):
        np.testing.assert_array_equal(live[task].reset(seed=5)[0]["image"], fresh[task])
    live["quadruped_escape"].close()
    for task in tasks:
        np.testing.assert_array_equal(make(task).reset(seed=5)[0]["image"], fresh[task])
    np.testing.assert_array_equal(
        live["reacher_easy"].reset(seed=5)[0]["image"], fresh["reacher_easy"]
    )


def picture_of_a_process_of_its_own(task):
    code = (
        "import sys; from wmframe_dmc.config import DmcConfig;"
        "from wmframe_dmc.suite import DmcSuite;"
        f"env = DmcSuite(DmcConfig(task={task!r}, render='fast')).make();"
        "sys.stdout.buffer.write(env.reset(seed=5)[0]['image'].tobytes())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(64, 64, 3)


def test_the_hills_of_quadruped_escape_are_drawn_as_they_are_now(make):
    env, fresh = make("quadruped_escape"), make("quadruped_escape")
    env.reset(seed=1)
    np.testing.assert_array_equal(env.reset(seed=2)[0]["image"], fresh.reset(seed=2)[0]["image"])


def test_the_camera_is_that_of_the_reference_unless_one_is_given(make):
    assert (default_camera("quadruped"), default_camera("walker")) == (2, 0)
    default = make("cheetah_run").reset(seed=0)[0]["image"]
    np.testing.assert_array_equal(default, make("cheetah_run", camera=0).reset(seed=0)[0]["image"])
    assert not np.array_equal(default, make("cheetah_run", camera=1).reset(seed=0)[0]["image"])
    with pytest.raises(SimulatorError, match="no camera 9"):
        make("cheetah_run", camera=9)


def test_without_pixels_nothing_is_rendered(make, monkeypatch):
    monkeypatch.setattr("wmframe_dmc.env.OffscreenCamera", None)  # calling it fails
    seen, _ = play(make("quadruped_escape", proprioception=True, pixels=False), seed=0)
    assert "image" not in seen[-1]
    assert all(value.dtype == np.float32 for value in seen[-1].values())


def test_observing_nothing_is_refused():
    with pytest.raises(ValueError, match="pixels and proprioception"):
        DmcSuite(DmcConfig(task="walker_walk", pixels=False))


def test_proprioception_gives_the_tasks_vectors_in_their_spaces(make):
    env = make("humanoid_walk", proprioception=True)
    obs, _ = env.reset(seed=0)
    assert set(obs) >= {"image", "head_height", "joint_angles", "velocity"}
    assert obs["head_height"].shape == (1,)  # a scalar in dm_control
    assert env.observation_space.contains(obs)
    assert set(make("humanoid_walk").reset(seed=0)[0]) == {"image"}


def test_repeated_actions_add_their_rewards_and_the_limit_counts_frames(make):
    single, repeated = make(action_repeat=1), make(action_repeat=2, time_limit=5)
    single.reset(seed=2)
    repeated.reset(seed=2)
    rewards = [single.step([0.5])[1] for _ in range(5)]
    steps = [repeated.step([0.5]) for _ in range(3)]
    np.testing.assert_allclose(
        [step[1] for step in steps], [sum(rewards[:2]), sum(rewards[2:4]), rewards[4]]
    )
    assert [step[3] for step in steps] == [False, False, True]


def test_an_episode_of_the_suites_own_length_is_truncated_not_terminal(make):
    env = make("pendulum_swingup", action_repeat=500, time_limit=5000)
    env.reset(seed=0)
    steps = [env.step([0.0]) for _ in range(2)]
    assert [step[2:4] for step in steps] == [(False, False), (False, True)]


def test_only_a_discount_of_zero_is_terminal(make, monkeypatch):
    env = make("cartpole_balance", action_repeat=1)
    for discount, expected in ((0.0, (True, False)), (1.0, (False, True))):
        env.reset(seed=0)
        monkeypatch.setattr(env._env.task, "get_termination", lambda physics, d=discount: d)
        assert env.step([0.0])[2:4] == expected


def test_a_replayed_episode_has_the_rows_of_the_first():
    check_replay(DmcSuite(DmcConfig(task="hopper_hop", render="fast", proprioception=True)))


def test_a_program_from_the_standard_input_can_have_workers():
    code = """
from wmframe.envs.vector import Simulators
from wmframe_dmc.config import DmcConfig
from wmframe_dmc.suite import DmcSuite
with Simulators(DmcSuite(DmcConfig(task="cartpole_balance", render="fast")), 1, 0) as sims:
    print(sims.codec.spec.size)
"""
    done = subprocess.run([sys.executable, "-"], input=code, capture_output=True, text=True)
    assert done.stdout == "1\n", done.stderr


@pytest.mark.parametrize(
    ("domain", "control", "numpy"),
    [
        ("quadruped", "1.0.28", "2.3.5"),
        ("quadruped", "1.0.50", "2.4.6"),
        ("dog", "1.0.28", "2.4.6"),
    ],
)
def test_versions_that_go_together_are_accepted(domain, control, numpy):
    check_numpy(domain, control, numpy)


def test_the_quadruped_of_an_old_package_with_a_numpy_too_new_is_refused():
    with pytest.raises(SimulatorError, match=r"dm_control 1\.0\.34 calls np\.in1d.* NumPy 2\.5\.5"):
        check_numpy("quadruped", "1.0.34", "2.5.5")


def test_a_suite_is_pickled_and_tells_what_decides_its_pictures():
    suite = pickle.loads(pickle.dumps(DmcSuite(DmcConfig(task="walker_run"))))
    assert suite.config == DmcConfig(task="walker_run") and suite.action_repeat == 2
    assert set(suite.facts()) == {"render", "dm_control", "mujoco"}


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_every_task_can_be_played_and_repeats_itself(make, task):
    env = make(task, proprioception=True)
    first = play(env, seed=5, turns=3)
    play(env, seed=6, turns=3)
    assert_same(first, play(env, seed=5, turns=3))
    assert np.ptp(first[0][0]["image"]) > 10
