"""Which torch device a name means, and whether this machine has it."""

from __future__ import annotations

import re
from typing import Final

from wmframe.errors import UsageError

NAMES: Final = "auto, cpu, cuda, cuda:N, mps"


def is_device(name: str) -> bool:
    """Whether a name is a device's; whether there is one is :func:`usable_device`'s to say."""
    return re.fullmatch(r"auto|cpu|mps|cuda(:\d{1,3})?", name) is not None


def usable_device(name: str) -> str:
    """The device of a name, for ``auto`` a GPU if there is one. Imports torch.

    Raises:
        UsageError: there is no such device, or torch cannot use it here.
    """
    if not is_device(name):
        raise UsageError(f'there is no device "{name}"', f"allowed: {NAMES}")
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "mps" and not torch.backends.mps.is_available():
        raise UsageError("torch has no device mps here", 'set device = "auto"')
    if name.startswith("cuda"):
        found = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not found:
            hint = 'set device = "auto"; `wmframe doctor` shows what torch can use'
            raise UsageError(f"torch finds no GPU here, which {name} would be", hint)
        if int(name.partition(":")[2] or 0) >= found:
            raise UsageError(f"there is no {name}, torch finds {found} here", "cuda:0 is the first")
    return name
