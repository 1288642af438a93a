"""How a game is played: what is random, repeated, pooled, paid and cut short."""

from __future__ import annotations

import ale_py
import numpy as np
import pytest
from ale_py import roms

from wmframe.testing.suites import check_replay
from wmframe_atari.config import AtariConfig
from wmframe_atari.shrink import AreaShrink
from wmframe_atari.suite import AtariSuite

RIGHT, LEFT = 3, 4  # of the 18 actions


@pytest.fixture
def emulator():
    """Breakout right after a reset, played without any of our code."""
    emulator = ale_py.ALEInterface()
    emulator.setFloat("repeat_action_probability", 0.0)
    emulator.loadROM(roms.get_rom_path("breakout"))
    emulator.reset_game()
    return emulator


def exact_mean(image, size):
    """Area interpolation by enlarging each side and adding up blocks, in whole numbers."""
    sums = image.astype(np.int64)
    for axis in (0, 1):
        blocks = np.moveaxis(sums.repeat(size, axis), axis, 0)
        blocks = blocks.reshape(size, image.shape[axis], -1)
        sums = np.moveaxis(blocks.sum(1).reshape(size, -1), 0, axis)
    return (sums / image.size).round()


def test_the_defaults_are_those_of_the_paper():
    settings = AtariConfig(task="pong")
    assert (settings.actions, settings.sticky_actions, settings.lives) == ("full", 0.25, "ignore")
    assert (settings.noops, settings.size, settings.grayscale) == (30, 64, True)
    assert settings.time_limit / settings.action_repeat == 27_000


def test_a_seed_fixes_the_episode_whatever_came_before(make, play):
    env = make()
    pictures, answers = play(env, seed=5)
    play(env, seed=6, count=7)
    for same in (env, make()):
        again, same_answers = play(same, seed=5)
        np.testing.assert_array_equal(pictures, again)
        assert answers == same_answers


def test_which_actions_stick_depends_on_the_seed_and_nothing_else_does(make, play, plain):
    sticky, free = make("pong", noops=0), make("pong", **plain)
    outcomes = [play(sticky, seed=seed, count=30)[0] for seed in (1, 2)]
    assert np.array_equal(outcomes[0][0], outcomes[1][0])  # the start is the same
    assert not np.array_equal(*outcomes)
    assert np.array_equal(*(play(free, seed=seed, count=30)[0] for seed in (1, 2)))


def test_an_action_that_always_sticks_is_never_taken(make, plain):
    env, idle = make(sticky_actions=1.0, noops=0), make(**plain)
    env.reset(seed=0), idle.reset(seed=0)
    for _ in range(5):
        stuck, noop = env.step(RIGHT)[0]["image"], idle.step(0)[0]["image"]
    np.testing.assert_array_equal(stuck, noop)


def test_a_game_starts_after_1_to_30_frames_without_action(make, plain):
    env = make("space_invaders", sticky_actions=0.0)
    counts = []
    for seed in range(12):
        env.reset(seed=seed)
        counts.append(env._emulator.getEpisodeFrameNumber())
    none = make("space_invaders", **plain)
    none.reset(seed=0)
    waited = np.array(counts) - none._emulator.getEpisodeFrameNumber()
    assert waited.min() >= 1 and waited.max() <= 30 and len(set(waited)) > 6


def test_the_picture_is_the_maximum_of_the_last_two_of_four_frames(make, emulator, plain):
    env = make(**plain)
    env.reset(seed=0)
    step = env.step(RIGHT)
    frames = []
    for _ in range(4):
        emulator.act(ale_py.Action.RIGHT)
        frames.append(emulator.getScreenGrayscale())
    pooled, last = exact_mean(np.maximum(*frames[2:]), 64), exact_mean(frames[3], 64)
    np.testing.assert_array_equal(step[0]["image"][..., 0], pooled)
    assert not np.array_equal(pooled, last)


def test_without_repeat_the_picture_is_the_last_frame(make, emulator, plain):
    env = make(action_repeat=1, **plain)
    env.reset(seed=0)
    for _ in range(3):
        emulator.act(ale_py.Action.RIGHT)
        image = env.step(RIGHT)[0]["image"]
    np.testing.assert_array_equal(image[..., 0], exact_mean(emulator.getScreenGrayscale(), 64))


def test_the_first_picture_is_one_frame(make, emulator, plain):
    env = make(**plain)
    env.reset(seed=0)
    env.step(RIGHT)
    image = env.reset(seed=0)[0]["image"]
    np.testing.assert_array_equal(image[..., 0], exact_mean(emulator.getScreenGrayscale(), 64))


def test_colours_can_be_seen(make, emulator, plain):
    image = make(grayscale=False, size=48, **plain).reset(seed=0)[0]["image"]
    planes = np.moveaxis(emulator.getScreenRGB(), -1, 0)
    expected = np.stack([exact_mean(plane, 48) for plane in planes], axis=-1)
    np.testing.assert_array_equal(image, expected)
    assert np.ptp(image, axis=-1).max() > 50


@pytest.mark.parametrize(("height", "width", "size"), [(210, 160, 64), (250, 160, 84), (12, 9, 9)])
def test_shrinking_takes_exact_means(height, width, size):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 1), np.uint8)
    small = AreaShrink(height, width, size)(image)
    difference = np.abs(small[..., 0] - exact_mean(image[..., 0], size))
    assert difference.max() <= (0 if size == 64 else 1)  # halves may be rounded either way
    assert (difference > 0).mean() < 0.01


def test_actions_are_all_18_or_those_of_the_game(make, plain):
    full, minimal = make("pong", **plain), make("pong", actions="minimal", **plain)
    assert (full.action_space.n, minimal.action_space.n) == (18, 6)
    full.reset(seed=0), minimal.reset(seed=0)
    for _ in range(10):
        moved, same = full.step(LEFT)[0]["image"], minimal.step(3)[0]["image"]
    np.testing.assert_array_equal(moved, same)


def test_rewards_are_points_summed_over_frames_and_not_clipped(make, plain):
    single, repeated = (make("ms_pacman", action_repeat=n, **plain) for n in (1, 24))
    single.reset(seed=0), repeated.reset(seed=0)
    points = [single.step(LEFT)[1] for _ in range(14 * 24)]
    rewards = [repeated.step(LEFT)[1] for _ in range(14)]
    assert rewards == np.reshape(points, (14, 24)).sum(1).tolist()
    assert max(rewards) >= 20  # two dots


def test_the_limit_counts_frames_and_truncates(make):
    env = make(time_limit=10)
    env.reset(seed=0)
    assert [env.step(0)[2:4] for _ in range(3)] == [(False, False), (False, False), (False, True)]


def test_the_normalized_score_is_that_of_the_points_so_far(make):
    env = make("pong", time_limit=1600)
    env.reset(seed=0)
    points, truncated = 0.0, False
    while not truncated:
        _, reward, _, truncated, info = env.step(0)
        points += reward
    assert points < -2
    assert info["human_normalized"] == pytest.approx((points + 20.7) / (14.6 + 20.7))
    env.reset(seed=1)
    assert env.step(0)[4]["human_normalized"] == pytest.approx(20.7 / 35.3)


def test_a_replayed_episode_has_the_rows_of_the_first():
    check_replay(AtariSuite(AtariConfig(task="pong")), turns=12)
