"""Episodes: their pictures, their physics, and what a seed fixes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from dm_control import suite as control_suite

from wmframe.envs.vector import Simulators
from wmframe.testing.suites import check_replay
from wmframe_dmc_remastered.ahead import Ahead
from wmframe_dmc_remastered.config import DmcRemasteredConfig
from wmframe_dmc_remastered.seeds import EpisodeSeeds, episode_seeds
from wmframe_dmc_remastered.suite import DmcRemasteredSuite
from wmframe_dmc_remastered.tasks import NAMES, TASKS

pytestmark = pytest.mark.gl

BRIEF = [f"{domain}_{task}" for domain, task in dict(NAMES.values()).items()]
"""One task a domain."""


def play(env, seeds, turns=4):
    """Observations and rewards of an episode, with actions that are always the same."""
    rng = np.random.default_rng(0)
    env.play(seeds)
    observations, rewards = [env.observe()], []
    for _ in range(turns):
        obs, reward, *_ = env.step(rng.uniform(-1, 1, env.action_space.shape))
        observations.append(obs)
        rewards.append(reward)
    return observations, rewards


def test_a_visual_seed_has_its_picture_whatever_was_shown_before(make, picture, differs):
    env, fresh = make(), make()
    first = picture(env, 3)
    assert differs(first, picture(env, 4)) > 20
    assert differs(first, picture(env, -3)) > 20
    assert differs(first, picture(env, 0)) > 20
    np.testing.assert_array_equal(first, picture(env, 3))
    picture(fresh, -8)
    np.testing.assert_array_equal(first, picture(fresh, 3))


def test_reset_draws_both_seeds_from_the_episodes(make):
    env = make(train_seeds="1..50", proprioception=True)
    first, info = env.reset(seed=5)
    assert 1 <= info["visual_seed"] <= 50 and 1 <= info["dynamics_seed"] <= 100_000
    other, changed = env.reset(seed=6)
    assert changed != info
    assert not np.array_equal(first["position"], other["position"])
    again, _ = env.reset(seed=5)
    for key in first:
        np.testing.assert_array_equal(first[key], again[key], err_msg=key)


def test_training_and_evaluation_draw_from_their_own_seeds(make):
    settings = {"train_seeds": (1, 2), "test_seeds": 0, "dynamics_seeds": "7..9"}
    train, test = make(**settings), make(mode="eval", **settings)
    infos = [train.reset(seed=seed)[1] for seed in range(12)]
    assert {info["visual_seed"] for info in infos} == {1, 2}
    assert {info["dynamics_seed"] for info in infos} == {7, 8, 9}
    assert {test.reset(seed=seed)[1]["visual_seed"] for seed in range(3)} == {0}


def plain(task, seeds, turns=4):
    """The same episode played by dm_control alone: rewards, and the state at the end."""
    env = control_suite.load(*NAMES[task], task_kwargs={"random": seeds.dynamics})
    rng = np.random.default_rng(0)
    env.reset()
    spec, rewards = env.action_spec(), []
    for _ in range(turns):
        action = rng.uniform(-1, 1, spec.shape)
        rewards.append(sum(float(env.step(action).reward) for _ in range(2)))
    return rewards, env.physics.get_state()


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_played_with_dm_controls_physics(make, task):
    seeds = EpisodeSeeds(dynamics=11, visual=3)
    env = make(task, proprioception=True)
    play(env, EpisodeSeeds(4, 9), turns=1)  # a former episode must not leave anything behind
    observations, rewards = play(env, seeds)
    expected, state = plain(task, seeds)
    np.testing.assert_array_equal(rewards, expected)
    np.testing.assert_array_equal(env._env.physics.get_state(), state)
    assert env.observation_space.contains(observations[-1])
    assert np.ptp(observations[0]["image"]) > 40


@pytest.mark.parametrize("task", BRIEF)
def test_looks_change_pictures_and_nothing_else(make, differs, task):
    env = make(task, proprioception=True)
    (first, paid), (second, paid_too) = (play(env, EpisodeSeeds(2, v), turns=2) for v in (5, 6))
    assert paid == paid_too
    for left, right in zip(first, second, strict=True):
        for key in left.keys() - {"image"}:
            np.testing.assert_array_equal(left[key], right[key], err_msg=key)
        assert differs(left["image"], right["image"]) > 15


@pytest.mark.parametrize("render", ["fast", "near_lossless", "full"])
def test_exchanging_a_look_draws_what_a_model_built_for_it_would(make, picture, render):
    """The reference builds its environment anew for every episode."""
    from wmframe_dmc_remastered.camera import TextureCamera

    env = make("walker_walk", render=render, size=32)
    picture(env, 8)
    exchanged = picture(env, 7)
    control = control_suite.load("walker", "walk", task_kwargs={"random": 1})
    control.physics._reload_from_model(_wrapped(env._compiled(7)))
    control.reset()
    model, data = control.physics.model.ptr, control.physics.data.ptr
    camera = TextureCamera(model, data, camera=0, size=32, render=render)
    built = camera.image()
    camera.close()
    np.testing.assert_array_equal(exchanged, built)


def _wrapped(model):
    from dm_control.mujoco.wrapper import MjModel

    return MjModel(model)


def test_a_look_is_made_ahead_in_another_thread_and_is_the_same(make, picture, monkeypatch):
    import threading

    env, plainly = make(), make()
    env.reset(seed=0)
    threads = []
    compiled = env._looks._make

    def noted(visual):
        threads.append(threading.current_thread())
        return compiled(visual)

    monkeypatch.setattr(env._looks, "_make", noted)
    env.prepare(3)
    for _ in range(3):
        env.step(env.action_space.sample())
    image = env.reset(seed=3)[0]["image"]
    assert threads != [] and threading.main_thread() not in threads
    np.testing.assert_array_equal(image, plainly.reset(seed=3)[0]["image"])
    env.prepare(4)  # announced, but another comes
    np.testing.assert_array_equal(env.reset(seed=5)[0]["image"], plainly.reset(seed=5)[0]["image"])
    assert len(threads) == 3


def test_in_a_run_every_look_but_the_first_is_made_ahead(monkeypatch):
    taken = []
    take = Ahead.take

    def noted(ahead, key):
        taken.append(ahead._future is not None and ahead._key == key)
        return take(ahead, key)

    monkeypatch.setattr(Ahead, "take", noted)
    suite = DmcRemasteredSuite(
        DmcRemasteredConfig(
            task="cartpole_balance", render="fast", assets="procedural", time_limit=4
        )
    )
    with Simulators(suite, 1, seed=0, processes=False) as sims:
        for turn in range(7):
            sims.send(None if turn == 0 else np.zeros((1, 1), np.float32))
            sims.receive()
    assert taken == [False, True, True]


def test_without_seeds_the_next_episode_is_known_and_made_ahead(make, monkeypatch):
    env, plainly = make(), make()
    env.reset(seed=1)
    plainly.reset(seed=1)
    announced = []
    monkeypatch.setattr(env._looks, "announce", announced.append)
    env.reset()
    plainly.reset()
    following, info = plainly.reset()
    assert announced == [info["visual_seed"]]
    np.testing.assert_array_equal(env.reset()[0]["image"], following["image"])


def test_action_repeat_and_time_limit_count_frames(make):
    env = make(action_repeat=3, time_limit=7)
    env.reset(seed=0)
    ends = [env.step(np.zeros(1))[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]


def test_a_replayed_episode_has_the_rows_of_the_first():
    check_replay(
        DmcRemasteredSuite(
            DmcRemasteredConfig(task="reacher_easy", render="fast", assets="procedural")
        ),
        turns=5,
    )


def test_a_suite_is_pickled_and_tells_what_decides_its_pictures():
    suite = pickle.loads(
        pickle.dumps(
            DmcRemasteredSuite(DmcRemasteredConfig(task="walker_run", assets="procedural"))
        )
    )
    facts = suite.facts()
    assert set(facts) == {"render", "assets", "dm_control", "mujoco"}
    assert facts["assets"] == "procedural"


def test_an_episodes_seeds_are_those_that_its_seed_draws(make):
    env = make(train_seeds="1..9")
    env.begin(123)
    assert env.seeds == episode_seeds(123, "1..9", "1..100000")
