"""How much memory this process takes. Light: no torch."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Final

MIB: Final = 2**20


def resident_peak() -> float:
    """The greatest resident size of this process in MiB.

    Linux's ``ru_maxrss`` begins with the parent's size; ``VmHWM`` does not.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    marks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    if marks:
        return int(marks[0]) / 1024
    unit = MIB if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
