"""Ranges that no machine could run are refused before they are spelt out."""

from __future__ import annotations

import pytest

from wmframe.errors import UsageError
from wmframe.sweep.grid import _range


def test_a_range_of_too_many_values_is_refused_at_once():
    assert list(_range("3..5")) == ["3", "4", "5"]
    with pytest.raises(UsageError, match=r"more than 10,000 values"):
        _range("0..999999999999999999")
    assert _range("0.." + "9" * 5000) == ["0.." + "9" * 5000]
