"""What the stages do alike with episodes and batches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from wmframe.data.replay import Replay
from wmframe.stages.config import ReplayConfig
from wmframe.types import Episode

REPLAY: Final = "replay"
"""The folder, in a stage's own, that its episodes are in."""


def open_replay(folder: Path, settings: ReplayConfig, seed: int) -> Replay:
    """Open the replay in ``folder``, or begin one there."""
    return Replay(
        folder,
        capacity=settings.capacity,
        min_length=settings.min_length,
        max_length=settings.max_length,
        prioritize_ends=settings.prioritize_ends,
        seed=seed,
    )


def to_device(sample: Mapping[str, np.ndarray], device: str) -> dict[str, Tensor]:
    """Windows from a replay as tensors; flags become float32, images stay uint8."""
    batch = {}
    for key, array in sample.items():
        tensor = torch.from_numpy(array).to(device, non_blocking=True)
        batch[key] = tensor.float() if tensor.dtype == torch.bool else tensor
    return batch


def episode_figures(episode: Episode) -> dict[str, float]:
    """``episode/return``, ``episode/length`` in decisions, and ``episode/NAME`` of each score."""
    return {
        "episode/return": float(episode.data["reward"].sum(dtype=np.float64)),
        "episode/length": episode.length - 1,
        **{f"episode/{name}": float(value) for name, value in episode.scores.items()},
    }
