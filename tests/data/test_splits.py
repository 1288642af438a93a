"""Videos are held out by their names alone."""

from __future__ import annotations

import numpy as np

from wmframe.data.splits import fraction


def test_a_name_decides_and_all_of_them_are_spread_evenly():
    drawn = [fraction(f"video {number}") for number in range(2000)]
    assert drawn == [fraction(f"video {number}") for number in range(2000)]
    assert np.abs(np.histogram(drawn, 10, (0, 1))[0] - 200).max() < 60


def test_shards_that_were_packed_stay_divided_as_they_are():
    assert round(fraction("episode 3"), 6) == 0.362159
    assert 0 <= fraction("odd \udcff name") < 1
