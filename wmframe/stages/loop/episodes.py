"""Shared code of stages for episodes and batches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
import numpy as np
import torch
from torch import Tensor

from wmframe.data.replay import Replay
from wmframe.data.replay.index import FILE as INDEX
from wmframe.data.replay.index import Index
from wmframe.errors import MissingError
from wmframe.parallel.world import rank, size
from wmframe.stages.config import ReplayConfig
from wmframe.types import Episode

REPLAY: Final = "replay"
"""The subfolder of a stage's folder for its episodes."""

ATTEMPTS: Final = 5
"""How often windows are resampled because a run overwrote them."""


def replay_folder(stage: Path) -> Path:
    """The episodes' folder of this process, in the stage's folder."""
    return replay_folders(stage, size())[rank()]


def replay_folders(stage: Path, world: int) -> list[Path]:
    """The episodes' folders of a number of processes, existing or not."""
    if world == 1:
        return [stage / REPLAY]
    return [stage / f"{REPLAY}_{number}of{world}" for number in range(1, world + 1)]


def newest_replays(stage: Path) -> list[Path]:
    """The episodes' folders of the processes that last collected in a stage's folder."""
    indices = [*stage.glob(f"{REPLAY}/{INDEX}"), *stage.glob(f"{REPLAY}_*of*/{INDEX}")]
    if not indices:
        return [stage / REPLAY]
    newest = max(indices, key=lambda path: path.stat().st_mtime_ns).parent
    return replay_folders(stage, int(newest.name.partition("of")[2] or 1))


def own_part(settings: ReplayConfig, world: int) -> ReplayConfig:
    """The part of a replay's capacity for each of a number of processes."""
    capacity, batch = settings.capacity // world, settings.batch // world
    return attrs.evolve(settings, capacity=max(1, capacity), batch=max(1, batch))


def open_replay(folder: Path, settings: ReplayConfig, seed: int) -> Replay:
    """Open the replay in ``folder``, or create one."""
    return Replay(
        folder,
        capacity=settings.capacity,
        min_length=settings.min_length,
        max_length=settings.max_length,
        prioritize_ends=settings.prioritize_ends,
        seed=seed,
    )


def look_into(
    folder: Path, settings: ReplayConfig, count: int, length: int, seed: int
) -> dict[str, np.ndarray]:
    """Windows of a replay that a run may be writing at this moment; nothing is changed in it.

    The index forgets an episode before its rows are overwritten, so rows are right if it still
    names all episodes after they were copied.

    Raises:
        MissingError: there is no replay, or it is overwritten faster than it is read.
    """
    for _ in range(ATTEMPTS):
        before = Index.load(folder)
        if before is None:
            raise MissingError(f"{folder} holds no replay", "run the stage until it has episodes")
        replay = Replay(
            folder,
            capacity=min(settings.capacity, before.rows),
            slack=max(before.rows - settings.capacity, 0),  # the length that the files have
            min_length=length,
            max_length=length,
            prioritize_ends=settings.prioritize_ends,
            seed=seed,
        )
        batch = replay.sample(count, length)
        after = Index.load(folder)
        if after is not None and {*replay.state()["starts"]} <= {r.start for r in after.records}:
            return batch
    raise MissingError(f"the episodes in {folder} are overwritten while they are read", "try again")


def to_device(sample: Mapping[str, np.ndarray], device: str) -> dict[str, Tensor]:
    """Windows from a replay as tensors; flags become float32, images stay uint8."""
    batch = {}
    for key, array in sample.items():
        tensor = torch.from_numpy(array)
        if device.startswith("cuda"):  # pinned memory makes the copy asynchronous
            tensor = tensor.pin_memory()
        tensor = tensor.to(device, non_blocking=True)
        batch[key] = tensor.float() if tensor.dtype == torch.bool else tensor
    return batch


def episode_figures(episode: Episode) -> dict[str, float]:
    """``episode/return``, ``episode/length`` in decisions, and ``episode/NAME`` of each score."""
    return {
        "episode/return": float(episode.data["reward"].sum(dtype=np.float64)),
        "episode/length": episode.length - 1,
        **{f"episode/{name}": float(value) for name, value in episode.scores.items()},
    }
