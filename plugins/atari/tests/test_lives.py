"""What a lost life means, in Breakout with its five."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.envs.vector import Simulators
from wmframe_atari.config import AtariConfig
from wmframe_atari.suite import AtariSuite

FIRE = 1


@pytest.fixture
def lose():
    """Serves until an episode ends: how it ended, and the lives that were left at each step."""

    def until_the_end(env, limit=3000):
        lives = []
        for _ in range(limit):
            _, _, terminated, truncated, _ = env.step(FIRE)
            lives.append(env._emulator.lives())
            if terminated or truncated:
                return (terminated, truncated), lives
        raise AssertionError("the episode did not end")

    return until_the_end


def test_by_default_only_the_end_of_the_game_is_terminal(make, lose, plain):
    env = make(**plain)
    env.reset(seed=0)
    end, lives = lose(env)
    assert end == (True, False)
    assert set(lives) == {5, 4, 3, 2, 1, 0} and env._emulator.game_over()


def test_restart_ends_at_a_lost_life_and_begins_a_new_game(make, lose, plain):
    env = make(lives="restart", **plain)
    first = env.reset(seed=0)[0]["image"]
    end, lives = lose(env)
    assert end == (True, False) and lives[-1] == 4 and set(lives[:-1]) == {5}
    again = env.reset(seed=0)[0]["image"]
    assert env._emulator.lives() == 5
    np.testing.assert_array_equal(first, again)


def test_continue_ends_at_a_lost_life_and_goes_on_with_the_game(make, lose, plain):
    env = make(lives="continue", **plain)
    env.reset(seed=0)
    left = []
    for seed in range(1, 6):
        end, lives = lose(env)
        assert end == (True, False)
        left.append(lives[-1])
        frame = env._emulator.getEpisodeFrameNumber()
        assert not env._emulator.game_over() or seed == 5
        env.reset(seed=seed)
        if seed < 5:
            assert env._emulator.getEpisodeFrameNumber() == frame
    assert left == [4, 3, 2, 1, 0]
    assert env._emulator.lives() == 5  # after the last one a new game began


def test_continue_begins_a_new_game_where_an_episode_was_cut_short(make, lose, plain):
    env = make(lives="continue", time_limit=8, **plain)
    first = env.reset(seed=0)[0]["image"]
    assert lose(env)[0] == (False, True)
    np.testing.assert_array_equal(env.reset(seed=0)[0]["image"], first)


def test_evaluation_plays_whole_games(make, lose, plain):
    env = make(lives="restart", mode="eval", **plain)
    env.reset(seed=0)
    assert lose(env)[1][-1] == 0


def test_only_continued_games_cannot_be_replayed():
    known = {lives: AtariSuite(AtariConfig(task="breakout", lives=lives)).deterministic
             for lives in ("ignore", "restart", "continue")}  # fmt: skip
    assert known == {"ignore": True, "restart": True, "continue": False}


def test_rows_say_terminal_at_a_lost_life_and_first_after_it(plain):
    suite = AtariSuite(AtariConfig(task="breakout", lives="continue", **plain))
    with Simulators(suite, 1, seed=0, processes=False) as sims:
        fire = np.eye(sims.codec.spec.size, dtype=np.float32)[FIRE]
        sims.send(None)
        row = sims.receive().data
        while not row["is_last"][0]:
            sims.send(fire[None])
            row = sims.receive().data
        assert row["is_terminal"][0]
        sims.send(fire[None])
        assert sims.receive().data["is_first"][0]
