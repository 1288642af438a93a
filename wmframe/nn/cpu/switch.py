"""Which of the kernels for the CPU are used: all, unless somebody says otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from wmframe.errors import UsageError

VARIABLE: Final = "WMFRAME_CPU_KERNELS"
"""``on``, ``off``, or names to leave out, each behind a minus: ``-attention,-linear``."""

KERNELS: Final = ("linear", "prepared", "attention")


def enabled(kernel: str) -> bool:
    """Whether a kernel is used where its conditions are met."""
    return kernel not in _left_out


def set_kernels(on: bool) -> None:
    """Switch all on or off, as a recipe says (``cpu_kernels``); the environment overrides it."""
    told = os.environ.get(VARIABLE)
    _left_out.clear()
    _left_out.update(left_out("on" if on else "off") if told is None else left_out(told))


def left_out(words: str) -> frozenset[str]:
    """The kernels that ``words``, as :data:`VARIABLE` has them, leave out.

    Raises:
        UsageError: a word is none of those.
    """
    found: set[str] = set()
    for word in words.replace(",", " ").split():
        name = word.removeprefix("-")
        if word == "off":
            found.update(KERNELS)
        elif word != "on" and (name == word or name not in KERNELS):
            known = ", ".join(f"-{name}" for name in KERNELS)
            raise UsageError(f"{VARIABLE}: {word!r} says nothing", f"on, off, or any of {known}")
        elif word != "on":
            found.add(name)
    return frozenset(found)


@contextmanager
def without(kernels: Iterable[str] = KERNELS) -> Iterator[None]:
    """Leave kernels out for the length of a block."""
    before = set(_left_out)
    _left_out.update(kernels)
    try:
        yield
    finally:
        _left_out.clear()
        _left_out.update(before)


_left_out: Final = set(left_out(os.environ.get(VARIABLE, "on")))
