"""The distribution of sequences is the one of DreamerV2's replay."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.data.replay.sampler import SequenceSampler

DRAWS = 40_000


def make_sampler(min_length, max_length, prioritize_ends=False, seed=0):
    generator = np.random.Generator(np.random.Philox(seed))
    return SequenceSampler(min_length, max_length, prioritize_ends, generator)


def assert_distribution(values, expected):
    """A chi-square test at five standard deviations of the statistic; ``expected`` by value."""
    seen, counts = np.unique(values, return_counts=True)
    assert set(seen) == set(expected)
    mean = np.array([expected[value] for value in seen]) * len(values)
    statistic = ((counts - mean) ** 2 / mean).sum()
    freedom = len(expected) - 1
    assert statistic < freedom + 5 * np.sqrt(2 * freedom)


def draw_windows(sampler, starts, lengths, size):
    rows, begins = sampler.rows(np.array(starts), np.array(lengths), DRAWS * size)
    assert begins.reshape(DRAWS, size)[:, 0].all()
    return rows.reshape(DRAWS, size)[:, 0]


def test_every_start_is_as_likely():
    firsts = draw_windows(make_sampler(5, 5), [100], [12], 5)
    assert_distribution(firsts, {100 + i: 1 / 8 for i in range(8)})


def test_every_episode_is_as_likely_whatever_its_length():
    firsts = draw_windows(make_sampler(5, 5), [0, 1000, 2000], [5, 50, 500], 5)
    assert_distribution(firsts // 1000, {0: 1 / 3, 1: 1 / 3, 2: 1 / 3})


def test_prioritized_ends_take_the_extra_starts():
    total, size = 12, 5
    firsts = draw_windows(make_sampler(size, size, prioritize_ends=True), [0], [total], size)
    starts = total - size + 1
    expected = dict.fromkeys(range(starts - 1), 1 / (starts + size))
    expected[starts - 1] = (size + 1) / (starts + size)
    assert_distribution(firsts, expected)


@pytest.mark.parametrize(("total", "longest"), [(30, 9), (7, 7)])
def test_lengths_lie_between_the_bounds_and_pile_up_at_the_shortest(total, longest):
    sampler = make_sampler(4, 9)
    rows, begins = sampler.rows(np.array([0]), np.array([total]), 6 * DRAWS)
    sizes = np.diff(np.flatnonzero(begins))
    expected = dict.fromkeys(range(4, longest + 1), 0.0)
    for cut in range(4):
        expected[max(longest - cut, 4)] += 1 / 4
    assert_distribution(sizes, {size: p for size, p in expected.items() if p})
    assert (np.diff(rows)[~begins[1:]] == 1).all()


def test_chunks_continue_the_sequence_that_was_cut():
    """Cutting the stream into calls of another size changes nothing."""
    starts, lengths = np.array([0, 100]), np.array([40, 60])
    whole, begins = make_sampler(10, 30, seed=3).rows(starts, lengths, 21)
    assert begins[0]
    sampler = make_sampler(10, 30, seed=3)
    parts = [sampler.rows(starts, lengths, 7) for _ in range(3)]
    first = int(np.flatnonzero(begins)[1]) if begins[1:].any() else 21
    stream = np.concatenate([rows for rows, _ in parts])
    assert stream[:first].tolist() == whole[:first].tolist()
    assert (np.diff(stream[:first]) == 1).all()


def test_what_was_cut_is_dropped_with_its_episode():
    sampler = make_sampler(10, 10)
    sampler.rows(np.array([0]), np.array([40]), 13)
    rows, begins = sampler.rows(np.array([100]), np.array([40]), 5)
    assert begins[0]
    assert rows.min() >= 100


def test_state_restores_the_next_rows():
    starts, lengths = np.array([0, 100]), np.array([40, 60])
    sampler, other = make_sampler(5, 9, seed=1), make_sampler(5, 9, seed=2)
    sampler.rows(starts, lengths, 33)
    other.restore(sampler.state())
    for _ in range(3):
        np.testing.assert_array_equal(
            sampler.rows(starts, lengths, 17)[0], other.rows(starts, lengths, 17)[0]
        )
