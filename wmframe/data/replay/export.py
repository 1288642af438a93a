"""Episodes of a replay folder, for people and for other programs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wmframe.data.replay.store import EpisodeStore
from wmframe.files import write_atomically
from wmframe.types import Episode


def load_episodes(folder: str | Path) -> Iterator[Episode]:
    """Read the complete episodes of a replay folder, oldest first.

    Raises:
        MissingError: the folder holds no replay.
        CheckpointError: a file or an episode is damaged.
    """
    store = EpisodeStore(Path(folder))
    for record in store.index.records:
        yield store.read(record)


def export_episode(episode: Episode, folder: str | Path) -> Path:
    """Write an episode in the usual layout: a compressed npz, its steps last in the name.

    Returns:
        the file, ``WORKER-NUMBER-STEPS.npz``.
    """
    name = f"{episode.worker:03d}-{episode.number:06d}-{episode.length - 1}.npz"
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer, arrays = io.BytesIO(), dict[str, Any](episode.data)
    np.savez_compressed(buffer, **arrays)
    write_atomically(path, buffer.getvalue())
    return path
