from __future__ import annotations

import os
import pickle

import numpy as np
import pytest

from wmframe.envs.seeding import episode_seed
from wmframe.envs.vector import Simulators
from wmframe.errors import UsageError


def test_worker_processes_give_the_rows_of_serial_mode_and_know_no_torch(toy, play, assert_same):
    with Simulators(toy(), 3, seed=1, processes=False) as sims:
        serial = play(sims, 25)
    with Simulators(toy(), 3, seed=1) as sims:
        parallel = play(sims, 25)
    assert_same(serial, parallel)
    pids = parallel[-1].data["process"]
    assert len(set(pids)) == 3 and os.getpid() not in pids
    assert not parallel[-1].data["has_torch"].any()


def test_a_row_carries_the_action_that_led_to_it_and_an_end_is_followed_by_a_reset(toy):
    with Simulators(toy(), 2, seed=1, processes=False) as sims:
        rng = np.random.default_rng(0)
        sims.send(None)
        before = sims.receive()
        assert before.data["is_first"].all() and not before.data["action"].any()
        ends = 0
        for _ in range(30):
            actions = np.stack([sims.codec.sample(rng) for _ in range(2)])
            sims.send(actions)
            rows = sims.receive()
            for i in range(2):
                row = {key: value[i] for key, value in rows.data.items()}
                ended = before.data["is_last"][i]
                assert row["is_first"] == ended
                np.testing.assert_array_equal(row["action"], 0 if ended else actions[i])
                assert row["reward"] == pytest.approx(
                    0 if ended else 2 * actions[i].sum(), abs=1e-5
                )
                assert (rows.scores[i] is not None) == row["is_last"]
                assert rows.episode[i] == before.episode[i] + ended
                if row["is_last"]:
                    depth = rows.scores[i]["depth"]
                    assert rows.scores[i]["success"] == 1.0
                    assert row["is_terminal"] == (depth % 2 == 0)
                    ends += 1
            before = rows
        assert ends > 4


def test_rows_are_float32_where_the_environment_has_float64(toy, play):
    with Simulators(toy(), 1, seed=1, processes=False) as sims:
        assert sims.obs["position"].dtype == "float32"
        assert sims.obs["image"].shape == (4, 4, 3)
        assert play(sims, 1)[0].data["position"].dtype == np.float32


def test_received_arrays_are_not_overwritten_by_later_turns(toy, play):
    with Simulators(toy(), 1, seed=1, processes=False) as sims:
        first = play(sims, 1)[0]
        kept = first.data["image"].copy()
        play(sims, 3, begin=False)
        np.testing.assert_array_equal(first.data["image"], kept)


def test_episodes_depend_on_seed_simulator_and_number_alone(toy, play):
    with Simulators(toy(), 2, seed=5, processes=False) as sims:
        first = [play(sims, 1)[0].data["image"] for _ in range(3)]  # each begins a next episode
    alone = toy().make()
    for number, images in enumerate(first):
        for i in range(2):
            obs, _ = alone.reset(seed=episode_seed(5, i, number))
            np.testing.assert_array_equal(obs["image"], images[i])
    assert len({image.tobytes() for images in first for image in images}) == 6


def test_calls_out_of_turn_are_refused(toy):
    with Simulators(toy(), 1, seed=1, processes=False) as sims:
        with pytest.raises(UsageError, match="no rows"):
            sims.receive()
        sims.send(None)
        for call in (sims.state, lambda: sims.send(None)):
            with pytest.raises(UsageError, match="under way"):
                call()
        sims.receive()
        with pytest.raises(UsageError, match="1 simulators cannot resume from 2"):
            sims.restore({"restarts": 0, "simulators": [{}, {}]})


def test_suites_are_pickled_as_settings_only(toy):
    assert len(pickle.dumps(toy())) < 200
