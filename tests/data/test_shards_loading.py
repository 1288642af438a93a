"""The sequence of batches: its distribution, and that nothing but the seed and a number fix it."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from wmframe.bench.videos import ArrayVideos, write_videos
from wmframe.data.shards import ClipLoader, ClipSampler, ShardSet, pack
from wmframe.errors import DamagedError, UsageError


def lengths(*frames):
    return SimpleNamespace(frames=np.array(frames), folder="somewhere")


def test_a_video_is_drawn_uniformly_whatever_its_length_and_then_a_start():
    draws = ClipSampler([lengths(10, 25, 1000, 9)], None, 10, seed=3).draw(0, 30_000)
    counts = np.bincount(draws.clips, minlength=4)
    assert counts[3] == 0  # too short
    assert np.abs(counts[:3] / 30_000 - 1 / 3).max() < 0.01
    starts = draws.starts[draws.clips == 1]
    assert np.abs(np.bincount(starts, minlength=16) / len(starts) - 1 / 16).max() < 0.012
    assert set(draws.starts[draws.clips == 0]) == {0}
    assert draws.starts.max() <= 990


@pytest.mark.parametrize(
    ("weights", "shares"), [(None, [1 / 3] * 3), ([3, 0, 1], [3 / 4, 0, 1 / 4])]
)
def test_a_mixture_follows_its_weights_and_not_its_sizes(weights, shares):
    sets = [lengths(*[30] * count) for count in (5, 500, 50)]
    draws = ClipSampler(sets, weights, 25, seed=0).draw(0, 20_000)
    assert np.abs(np.bincount(draws.sets, minlength=3) / 20_000 - shares).max() < 0.012


def test_a_set_that_is_never_drawn_from_may_be_of_short_clips():
    ClipSampler([lengths(30), lengths(3)], [1, 0], 25, seed=0).draw(0, 100)


def test_draw_n_depends_on_the_seed_and_n_alone():
    sampler = ClipSampler([lengths(40, 50, 60), lengths(30)], [2, 1], 25, seed=7)
    together = sampler.draw(5, 1000)
    alone = [sampler.draw(5 + n, 1) for n in range(1000)]
    for name in ("sets", "clips", "starts"):
        one_by_one = np.concatenate([getattr(draw, name) for draw in alone])
        assert np.array_equal(getattr(together, name), one_by_one)


def test_seeds_and_attempts_give_unrelated_draws():
    sets = [lengths(*range(25, 1025))]
    draws = [
        ClipSampler(sets, None, 25, seed).draw(0, 1000, attempt).clips
        for seed, attempt in ((0, 0), (1, 0), (0, 1), (2**64 - 1, 0))
    ]
    for first in range(4):
        for second in range(first):
            assert (draws[first] == draws[second]).mean() < 0.02


def test_the_draws_of_a_seed_never_change():
    """A run goes on with the sequence it began with, under any later version."""
    draws = ClipSampler([lengths(*range(25, 125)), lengths(99)], None, 25, seed=1).draw(1000, 6)
    assert [draw.tolist() for draw in draws] == GOLDEN


GOLDEN = [[0, 0, 0, 1, 0, 1], [65, 99, 80, 0, 87, 0], [47, 59, 70, 47, 56, 25]]


@pytest.mark.parametrize(
    ("sets", "weights", "message"),
    [
        ([lengths(24, 10)], None, "the longest has 24"),
        ([lengths(30)], [1, 2], "1 datasets have the weights"),
        ([lengths(30)], [0], "not all 0"),
        ([lengths(30), lengths(30)], [2, -1], "0 or more"),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(sets, weights, message):
    with pytest.raises(UsageError, match=message):
        ClipSampler(sets, weights, 25, seed=0)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("clips")
    write_videos(root / "raw" / "train", [10, 30, 12, 9, 25], seed=1)
    write_videos(root / "raw" / "val", [40, 20], seed=2)
    for split, payload in (("train", "strip"), ("val", "npy")):
        pack(
            ArrayVideos(),
            root / "raw",
            root / "out",
            split=split,
            size=16,
            payload=payload,
            processes=0,
        )
    return root / "out"


@pytest.fixture
def sets(root):
    return [ShardSet(root / "train"), ShardSet(root / "val")]


def images(sets, count, **options):
    with ClipLoader(sets, batch=8, length=10, seed=5, **options) as loader:
        found = [next(loader)["image"] for _ in range(count)]
        assert loader.position == options.get("start", 0) + count
    return np.stack(found)


def test_a_batch_holds_the_windows_that_were_drawn(sets):
    loader = ClipLoader(sets, batch=8, length=10, seed=5, weights=[1, 3])
    batch = next(loader)
    draws = ClipSampler(sets, [1, 3], 10, 5).draw(0, 8)
    for row, (which, clip, start) in enumerate(zip(*draws, strict=True)):
        assert np.array_equal(batch["image"][row], sets[which].read(clip, start, 10))
    assert batch["image"].dtype == np.uint8
    assert batch["is_first"].dtype == np.float32
    assert batch["is_first"].tolist() == [[1] + [0] * 9] * 8


@pytest.mark.parametrize("workers", [1, 3])
def test_the_sequence_is_the_same_for_any_number_of_workers(sets, workers):
    assert np.array_equal(images(sets, 12), images(sets, 12, workers=workers))


@pytest.mark.parametrize("world", [2, 8])
def test_the_ranks_share_the_same_batches(sets, world):
    parts = [images(sets, 4, rank=rank, world=world, workers=rank % 2) for rank in range(world)]
    assert np.array_equal(np.concatenate(parts, axis=1), images(sets, 4))


@pytest.mark.parametrize("workers", [0, 2])
def test_the_sequence_goes_on_from_a_number(sets, workers):
    unbroken = images(sets, 9)
    assert np.array_equal(images(sets, 4, start=5, workers=workers), unbroken[5:])


def test_reading_ahead_does_not_move_the_position(sets):
    with ClipLoader(sets, batch=2, length=10, seed=0, workers=2) as loader:
        assert loader.position == 0
        next(loader)
        assert loader.position == 1


def test_a_batch_that_cannot_be_divided_is_refused(sets):
    with pytest.raises(UsageError, match="cannot be divided among 3 ranks"):
        ClipLoader(sets, batch=8, length=10, seed=0, world=3)


def test_sets_of_different_sizes_do_not_go_together(sets, tmp_path, root):
    pack(ArrayVideos(), root.parent / "raw", tmp_path, size=16, processes=0)
    small = ShardSet(tmp_path / "train")
    small.size = 8
    with pytest.raises(UsageError, match="one size"):
        ClipLoader([*sets, small], batch=8, length=10, seed=0)


@pytest.fixture
def spoilt(root, tmp_path):
    """Makes sets of which one clip in five is damaged."""
    shutil.copytree(root / "train", tmp_path / "train")
    clip = ShardSet(tmp_path / "train").clips[1]
    with (tmp_path / "train" / "000000.tar").open("r+b") as file:
        file.seek(clip.offset)
        file.write(bytes(clip.bytes))
    return lambda damaged: [ShardSet(tmp_path / "train", damaged)]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_clip_stops_the_loader_and_is_named(spoilt, workers):
    with pytest.raises(DamagedError, match="wave_0001"):
        images(spoilt("refuse"), 8, workers=workers)


def test_a_damaged_clip_is_replaced_by_the_same_draw_whoever_reads(spoilt):
    alone = images(spoilt("skip"), 8)
    assert np.array_equal(images(spoilt("skip"), 8, workers=3), alone)
    assert np.array_equal(images(spoilt("skip"), 2, start=6), alone[6:])
    loader = ClipLoader(spoilt("skip"), batch=8, length=10, seed=5)
    drawn = ClipSampler(spoilt("skip"), None, 10, 5).draw(0, 64).clips
    for _ in range(8):
        next(loader)
    ((message, count),) = loader.damaged.items()
    assert "wave_0001" in message
    assert count >= (drawn == 1).sum() > 0


def test_a_set_of_damaged_clips_alone_ends_in_an_error(spoilt):
    (clips,) = spoilt("skip")
    clips.frames = np.where(np.arange(len(clips)) == 1, clips.frames, 0)
    with pytest.raises(DamagedError):
        next(ClipLoader([clips], batch=2, length=10, seed=0))
