"""Episodes as a replay holds them: rows, scales, ends, and the way through a replay folder."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.data.replay import Replay
from wmframe.data.replay import load_episodes as held_episodes
from wmframe.errors import DamagedError, MissingError, UsageError
from wmframe_lerobot.replay import EpisodeReader, load_episodes

VERSIONS = ("v2.0", "v2.1", "v3.0")
SIZE = 16


@pytest.mark.parametrize("dtype", ["video", "image"])
@pytest.mark.parametrize("version", VERSIONS)
def test_actions_and_rewards_are_those_that_led_to_the_image_beside_them(
    write, levels, version, dtype
):
    episodes = list(load_episodes(write(version, dtype=dtype), size=SIZE))
    assert [(one.number, one.length) for one in episodes] == [(0, 10), (1, 6), (2, 13)]
    for number, length in enumerate((9, 5, 12)):
        data = episodes[number].data
        shown = data["image"][:, 8, 8, 0].astype(int)
        drawn = levels(number, length)
        assert np.abs(shown - [*drawn, drawn[-1]]).max() <= 3
        top = 100 if number == 0 else 50
        ramp = np.linspace(0, top, length) / 50 - 1
        assert np.allclose(data["action"][:, 0], [0, *ramp], atol=1e-6)
        assert not data["action"][:, 1].any()  # it never changes
        assert data["reward"].tolist() == list(range(length + 1))


def test_rows_have_the_keys_shapes_and_types_of_a_simulator(write):
    data = next(load_episodes(write("v3.0"), size=SIZE)).data
    found = {key: (value.shape, value.dtype.name) for key, value in data.items()}
    assert found == {
        "image": ((10, SIZE, SIZE, 3), "uint8"),
        "action": ((10, 2), "float32"),
        "reward": ((10,), "float32"),
        "is_first": ((10,), "bool"),
        "is_last": ((10,), "bool"),
        "is_terminal": ((10,), "bool"),
    }
    assert data["is_first"].nonzero()[0].tolist() == [0]
    assert data["is_last"].nonzero()[0].tolist() == [9]


@pytest.mark.parametrize(
    ("terminal", "ends"), [("success", [1, 0, 1]), ("done", [1, 1, 1]), ("never", [0, 0, 0])]
)
def test_which_ends_are_true_ones_is_a_setting(write, terminal, ends):
    episodes = list(load_episodes(write("v3.0"), size=SIZE, terminal=terminal))
    assert [int(one.data["is_terminal"][-1]) for one in episodes] == ends
    assert not any(one.data["is_terminal"][:-1].any() for one in episodes)
    assert [one.scores["success"] for one in episodes] == [1, 0, 1]


@pytest.mark.parametrize("version", VERSIONS)
def test_without_rewards_they_are_zero_and_no_end_is_a_true_one(write, version):
    for episode in load_episodes(write(version, rewards=False), size=SIZE):
        assert not episode.data["reward"].any()
        assert not episode.data["is_terminal"].any()
        assert episode.scores == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_without_statistics_the_actions_themselves_give_the_scale(write, version):
    root = write(version)
    with_statistics = EpisodeReader(root, size=SIZE).scale
    for name in ("stats.json", "episodes_stats.jsonl"):
        (root / "meta" / name).unlink(missing_ok=True)
    scale = EpisodeReader(root, size=SIZE).scale
    assert scale.low.tolist() == with_statistics.low.tolist() == [0, 7]
    assert scale.high.tolist() == with_statistics.high.tolist() == [100, 7]


def test_the_bounds_of_a_simulator_can_be_given_and_values_beyond_are_clipped(write):
    root = write("v3.0")
    (one, *_) = load_episodes(root, size=SIZE, low=[0], high=[200])
    assert np.allclose(one.data["action"][-1], [0, 7 / 100 - 1])
    (one, *_) = load_episodes(root, size=SIZE, low=[0, 0], high=[50, 14])
    assert np.allclose(one.data["action"][-1], [1, 0])
    assert np.abs(one.data["action"]).max() <= 1


@pytest.mark.parametrize(
    ("low", "high"), [([0], []), ([], [1]), ([0, 0, 0], [1, 1, 1]), ([1], [1]), ([0, 5], [1, 4])]
)
def test_bounds_that_make_no_sense_are_refused(write, low, high):
    with pytest.raises(UsageError, match="action_low"):
        list(load_episodes(write("v2.0"), low=low, high=high))


def test_statistics_that_do_not_fit_are_damaged(write):
    root = write("v2.0")
    for bounds in (
        '{"min": [0], "max": [1]}',
        '{"min": ["a"], "max": [1]}',
        '{"min": [0, NaN], "max": [1, 2]}',
    ):
        (root / "meta" / "stats.json").write_text(f'{{"action": {bounds}}}')
        with pytest.raises(DamagedError):
            list(load_episodes(root, size=SIZE))


def test_features_and_cameras_that_are_not_there_are_answered(write):
    root = write("v2.1")
    with pytest.raises(MissingError, match="did you mean 'action'"):
        EpisodeReader(root, action="actions")
    with pytest.raises(MissingError, match="did you mean"):
        EpisodeReader(root, camera="topp")
    with pytest.raises(UsageError, match="one image"):
        EpisodeReader(root, camera="all")


def test_an_episode_whose_frames_and_rows_do_not_fit_is_damaged(write):
    root = write("v2.1")
    paths = sorted(root.glob("videos/*/observation.images.top/*.mp4"))
    paths[1].write_bytes(paths[0].read_bytes())
    reader = EpisodeReader(root, size=SIZE)
    with pytest.raises(DamagedError, match="it has 9 frames, but its length is 5"):
        list(reader)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_replay_takes_them_draws_from_them_and_gives_them_back(write, tmp_path, version):
    episodes = list(load_episodes(write(version), size=SIZE))
    replay = Replay(tmp_path / "replay", capacity=100, min_length=4, max_length=4, seed=0)
    for episode in episodes:
        replay.add(episode)
    assert (replay.steps, replay.episodes) == (26, 3)
    batch = replay.sample(8, 4)
    assert batch["image"].shape == (8, 4, SIZE, SIZE, 3)
    assert np.abs(batch["action"]).max() <= 1
    for given, held in zip(episodes, held_episodes(tmp_path / "replay"), strict=True):
        assert (held.number, held.scores) == (given.number, given.scores)
        assert all(np.array_equal(held.data[key], given.data[key]) for key in given.data)
