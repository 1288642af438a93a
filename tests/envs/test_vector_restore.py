from __future__ import annotations

import numpy as np
import pytest

from wmframe.envs.vector import Simulators


def rows_by_simulator(rows):
    return [
        [{k: v[i] for k, v in row.data.items()} for row in rows] for i in range(len(rows[0].scores))
    ]


@pytest.mark.parametrize("turns", range(1, 12))
def test_restoring_replays_unfinished_episodes_and_goes_on(toy, play, assert_same, turns):
    with Simulators(toy(), 3, seed=1, processes=False) as sims:
        before = play(sims, turns)
        state = sims.state()
        after = play(sims, 12, seed=1, begin=False)
    with Simulators(toy(), 3, seed=1, processes=False) as sims:
        histories, rows = sims.restore(state)
        resumed = play(sims, 12, seed=1, begin=False)
    assert_same(after, resumed)
    np.testing.assert_array_equal(rows.episode, before[-1].episode)
    for history, past, last in zip(histories, rows_by_simulator(before), range(3), strict=True):
        start = max(t for t, row in enumerate(past) if row["is_first"])
        expected = [] if past[-1]["is_last"] else past[start:]
        assert len(history) == len(expected)
        for got, wanted in zip(history, expected, strict=True):
            for key in wanted:
                np.testing.assert_array_equal(got[key], wanted[key], err_msg=key)
        assert rows.data["is_last"][last] == past[-1]["is_last"]


def test_worker_processes_restore_too_and_restarts_go_on_counting(toy, play, assert_same):
    with Simulators(toy(), 2, seed=1, processes=False) as sims:
        play(sims, 9)
        state = sims.state() | {"restarts": 4}
        after = play(sims, 5, seed=1, begin=False)
    with Simulators(toy(), 2, seed=1) as sims:
        sims.restore(state)
        assert sims.restarts == 4
        assert_same(after, play(sims, 5, seed=1, begin=False))


def test_a_suite_that_is_not_deterministic_restores_into_its_next_episode(toy, play):
    suite = toy(deterministic=False)
    with Simulators(suite, 2, seed=1, processes=False) as sims:
        before = play(sims, 3)[-1]
        state = sims.state()
        histories, rows = sims.restore(state)
    assert [len(history) for history in histories] == [1, 1]
    assert rows.data["is_first"].all()
    np.testing.assert_array_equal(rows.episode, before.episode + 1)


def test_a_worker_that_dies_while_it_replays_begins_its_next_episode(play, toy):
    with Simulators(toy(), 1, seed=1, processes=False) as sims:
        play(sims, 3)
        state = sims.state()
    with Simulators(toy(fault="die"), 1, seed=1) as sims:
        [history], rows = sims.restore(state)
        assert sims.restarts == 1
    assert [row["is_first"] for row in history] == [True]
    assert rows.episode.tolist() == [1]
