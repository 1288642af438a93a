"""What a process asks of its C libraries: how to wait, and how to hold memory.

Most can be said until torch is imported, by :func:`settle`; the rest only to a new process, by
:func:`begin_again`.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from wmframe.errors import WmframeError

SPINS: Final = "10000"
"""Turns of the loop in which an idle thread waits before it sleeps: some tens of microseconds.

Enough for the next operation of an update to find it awake, and short beside the time in which a
simulator steps. What was measured is in docs/results/performance.md.
"""

TUNABLES: Final = "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0"
"""Freed small blocks are joined with their neighbours at once.

A tensor's block is cut to fit, and what is left over goes into a cache of small blocks. From there
it never comes back to the tensor's place, which is then too short for the next tensor of that size.
"""

M_TRIM_THRESHOLD: Final = -1
M_MMAP_MAX: Final = -4
MADV_HUGEPAGE: Final = 14
HUGE_PAGE: Final = 2**21


@cache
def settle() -> None:
    """Once in a process, before it imports torch; what the environment says goes before."""
    share_cores()
    if not told():
        with suppress(AttributeError, OSError, ValueError):  # not Linux, or not the GNU library
            keep_memory(ctypes.CDLL(None))


def begin_again() -> None:
    """Start this process anew, its command line the same, with :data:`TUNABLES`; once, on Linux."""
    done = "GLIBC_TUNABLES" in os.environ or told()
    if sys.platform.startswith("linux") and sys.executable and not done:
        os.environ["GLIBC_TUNABLES"] = TUNABLES
        os.execv(sys.executable, sys.orig_argv)


def check_place() -> None:
    """Refuse to compute in a working directory that was deleted, where libraries end the process.

    Raises:
        WmframeError: it was.
    """
    try:
        Path.cwd()
    except OSError as error:
        raise WmframeError("the working directory was deleted", "cd to another one") from error


def told() -> bool:
    """Whether the environment has settings of its own for memory."""
    names = [name for name in os.environ if name.startswith(("MALLOC_", "GLIBC_TUNABLES"))]
    return any(os.environ[name] != TUNABLES for name in names)


def share_cores() -> None:
    """Let idle threads spin for microseconds, then sleep."""
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def keep_memory(libc: Any) -> None:
    """Let freed memory wait for the next tensor, in huge pages, up to half of the machine's.

    The GNU library gives large blocks back to the system at once, and gets the next one a page of
    4 KiB at a time, each cleared when it is first touched: a fifth of a large update went into
    that. What is reserved here takes no memory before it is used.
    """
    libc.mallopt(M_MMAP_MAX, 0)
    libc.mallopt(M_TRIM_THRESHOLD, -1)
    libc.malloc.restype = ctypes.c_void_p
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    block = libc.malloc(ctypes.c_size_t(size))
    if block:
        start = -(-block // HUGE_PAGE) * HUGE_PAGE
        span = ctypes.c_size_t(block + size - start)
        libc.madvise(ctypes.c_void_p(start), span, MADV_HUGEPAGE)
        libc.free(ctypes.c_void_p(block))
