"""Episodes of a replay folder, for people and for other programs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from wmframe.data.replay.store import EpisodeStore
from wmframe.files import disk_errors, write_atomically
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


def live_episodes(folder: str | Path, state: Mapping[str, Any]) -> list[Callable[[], Episode]]:
    """How to read each episode that was live when a replay in ``folder`` gave its state.

    Args:
        folder: the replay's.
        state: of :meth:`wmframe.data.replay.Replay.state`.

    Returns:
        functions that read one episode each, oldest first; those that are overwritten since are
        left out.

    Raises:
        MissingError: the folder holds no replay.
        CheckpointError: a file of it is damaged.
    """
    store = EpisodeStore(Path(folder))
    held = {(record.start, record.checksum): record for record in store.index.records}
    wanted = zip(state["starts"].tolist(), state["checksums"].tolist(), strict=True)
    return [partial(store.read, held[episode]) for episode in wanted if episode in held]


def export_episode(episode: Episode, folder: str | Path) -> Path:
    """Write an episode in the usual layout: a compressed npz, its steps last in the name.

    Returns:
        the file, ``WORKER-NUMBER-STEPS.npz``.
    """
    name = f"{episode.worker:03d}-{episode.number:06d}-{episode.length - 1}.npz"
    path = Path(folder) / name
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, packed(episode.data))
    return path


def packed(arrays: Mapping[str, np.ndarray]) -> bytes:
    """A compressed npz; ``np.savez_compressed`` has arguments that keys may not be called."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)  # type: ignore[no-untyped-call]
    return buffer.getvalue()
