"""What counts as a value that was declared."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.checks import Declared, Misfit, describe, flag, number

PICTURE = Declared((4, 4, 3), np.uint8)
VECTOR = Declared((3,), np.float32)
DIAL = Declared((), np.int64, low=np.int64(-1), high=np.int64(4))


def full(value, dtype, shape=PICTURE.shape):
    return np.full(shape, value, dtype)


@pytest.mark.parametrize(
    ("declared", "value", "expected"),
    [
        (PICTURE, full(200, np.int64), full(200, np.uint8)),
        (PICTURE, full(True, bool), full(1, np.uint8)),
        (PICTURE, full(7, np.uint8).tolist(), full(7, np.uint8)),
        (VECTOR, [0, 1.5, 2], np.float32([0, 1.5, 2])),
        (VECTOR, np.array([0.1, 2.0, 1e17]), np.float32([0.1, 2, 1e17])),
        (VECTOR, np.array([1, 2, 2**40]), np.float32([1, 2, 2**40])),
        (Declared((3,), np.int32), np.array([1.0, -2.0, 3.0]), np.int32([1, -2, 3])),
        (Declared((3,), np.uint8), np.array([1.0, 2.0, 255.0]), np.uint8([1, 2, 255])),
        (Declared((2,), bool), [0, 1], np.array([False, True])),
        (Declared((2,), np.uint64), [2**63, 2**64 - 1], np.uint64([2**63, 2**64 - 1])),
        (DIAL, np.array([4]), np.int64(4)),
        (DIAL, np.int8(-1), np.int64(-1)),
        (Declared((1,), np.float32), 0.5, np.float32([0.5])),
    ],
)
def test_what_loses_nothing_is_converted(declared, value, expected):
    fitted = declared.fit(value)
    assert fitted.dtype == declared.dtype and fitted.shape == declared.shape
    np.testing.assert_array_equal(fitted, expected)


def test_an_array_that_fits_is_not_copied():
    picture = full(3, np.uint8)
    assert PICTURE.fit(picture) is picture


@pytest.mark.parametrize(
    ("declared", "value", "got"),
    [
        (PICTURE, full(0.9, np.float64), "float64 [4, 4, 3] from 0.9 to 0.9; declared is uint8 [4"),
        (PICTURE, full(1.0, np.float32), "float32 [4, 4, 3] from 1 to 1"),
        (PICTURE, full(300, np.int64), "int64 [4, 4, 3] from 300 to 300"),
        (PICTURE, full(-1, np.int8), "int8 [4, 4, 3] from -1 to -1"),
        (PICTURE, full(100, np.uint8, (4, 4)), "uint8 [4, 4] from 100 to 100"),
        (PICTURE, full(100, np.uint8, (1, 4, 4, 3)), "uint8 [1, 4, 4, 3]"),
        (PICTURE, 7, "is 7; declared is uint8 [4, 4, 3]"),
        (PICTURE, None, "is None"),
        (VECTOR, [0, np.nan, 0], "float64 [3] with nan at [1]"),
        (VECTOR, np.float32([0, 0, -np.inf]), "float32 [3] with -inf at [2]"),
        (VECTOR, [0, 0, 1e30], "from 0 to 1e+30"),
        (VECTOR, [0, 0, 1e300], "from 0 to 1e+300"),
        (VECTOR, [0, None, 0], "object [3] with None at [1]"),
        (VECTOR, ["a", "b", "c"], "<U1 [3]"),
        (VECTOR, [[1], [1, 2], [3]], "[[1], [1, 2], [3]]"),
        (VECTOR, np.zeros(3, complex), "complex128 [3]"),
        (VECTOR, np.zeros(4), "float64 [4]"),
        (Declared((2,), np.float16), [0.0, 7e4], "from 0 to 70000"),
        (Declared((2,), np.int64), [0.5, 1.0], "from 0.5 to 1"),
        (Declared((2,), np.int64), [np.nan, 1.0], "with nan at [0]"),
        (Declared((2,), np.int64), np.uint64([0, 2**63]), "uint64 [2]"),
        (Declared((2,), bool), [0, 2], "int64 [2] from 0 to 2"),
        (DIAL, 5, "is 5; declared is int64 [] from -1 to 4"),
    ],
)
def test_what_would_be_lost_is_named_with_both_sides(declared, value, got):
    with pytest.raises(Misfit) as caught:
        declared.fit(value)
    assert got in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("value", [2, 2.0, True + 1, np.float32(2), np.array([2]), [[2]]])
def test_numbers_and_arrays_of_one_are_numbers(value):
    assert number(value) == 2.0 and type(number(value)) is float


@pytest.mark.parametrize(
    "value", [None, "2", [1, 2], [], {}, np.nan, np.inf, -np.inf, 1e19, 1j, 10**400, object()]
)
def test_other_things_are_no_numbers(value):
    with pytest.raises(Misfit, match="one finite number"):
        number(value)


@pytest.mark.parametrize("value", [True, np.True_, 1, 1.0, np.array([True]), np.array(1)])
def test_what_plainly_says_yes_is_a_flag(value):
    assert flag(value) is True
    assert flag(not value) is False


@pytest.mark.parametrize("value", [None, "False", 2, 0.5, np.nan, [], [True, False], {}, object()])
def test_other_things_are_no_flags(value):
    with pytest.raises(Misfit, match="True or False"):
        flag(value)


def test_long_values_are_cut_short():
    assert len(describe("x" * 1000)) <= 80
