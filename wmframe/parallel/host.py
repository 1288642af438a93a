"""OpenMP spin-wait and malloc settings, for a process that has not imported torch yet."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from wmframe.errors import WmframeError

SPINS: Final = "10000"
"""Turns of the loop in which an idle thread waits before it sleeps: some tens of microseconds.

Enough for the next operation of an update to find it awake, and short compared with a simulator's
step. What was measured is in docs/results/performance.md.
"""

M_TRIM_THRESHOLD: Final = -1
M_MMAP_MAX: Final = -4


@cache
def configure_host() -> None:
    """Once in a process, before it imports torch; environment variables take precedence."""
    share_cores()
    if not any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        with suppress(AttributeError, OSError):  # not Linux, or not the GNU library
            keep_memory(ctypes.CDLL(None))


def check_place() -> None:
    """Refuse to compute in a working directory that was deleted, where libraries end the process.

    Raises:
        WmframeError: it was.
    """
    try:
        Path.cwd()
    except OSError as error:
        raise WmframeError("the working directory was deleted", "cd to another one") from error


def share_cores() -> None:
    """Let idle threads spin for microseconds, then sleep."""
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def keep_memory(libc: Any) -> None:
    """Keep freed memory for the next tensor.

    By default the GNU library returns large blocks to the system at once, and gets the next one a
    page at a time, each cleared when it is first touched.
    """
    libc.mallopt(M_MMAP_MAX, 0)
    libc.mallopt(M_TRIM_THRESHOLD, -1)
