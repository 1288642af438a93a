"""Which kernels work with the torch that is installed: each was tried, no version is asked."""

from __future__ import annotations

from wmframe.nn.cpu.attention import has_softmax_backward
from wmframe.nn.cpu.prepared import can_prepack


def probe() -> dict[str, bool]:
    """By the kernel's name; where one does not work, torch's own operations are used."""
    return {"linear": True, "prepared": can_prepack(), "attention": has_softmax_backward()}
