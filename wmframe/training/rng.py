"""The global random state: torch on every device, numpy and Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from wmframe.parallel.world import rank


def seed_everything(seed: int) -> None:
    """Seed every global generator."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)  # seeds every device


def process_seed(seed: int, *place: int) -> int:
    """A seed of this process's own: the first one's is ``seed`` itself.

    Args:
        seed: of the run.
        place: numbers that make it another seed, such as a step.
    """
    if rank() == 0 and not place:
        return seed
    return int(np.random.SeedSequence([seed, rank(), *place]).generate_state(1)[0])


def capture() -> dict[str, Any]:
    """The state of every global generator, as a tree that checkpoints can hold."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(legacy=False),
        "torch": torch.get_rng_state(),
        "cuda": cuda,
    }


def restore(state: dict[str, Any]) -> None:
    """Restore from :func:`capture`; missing devices are skipped."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    torch.set_rng_state(state["torch"])
    available = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for device, device_state in enumerate(state["cuda"][:available]):
        torch.cuda.set_rng_state(device_state, device)


@contextmanager
def isolated(seed: int) -> Iterator[None]:
    """Run a block from a seed, and leave every global generator as it was found."""
    state = capture()
    seed_everything(seed)
    try:
        yield
    finally:
        restore(state)
