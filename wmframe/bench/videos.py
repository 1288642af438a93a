"""Made-up videos to measure with: every ``.npy`` file below ``root/SPLIT`` is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wmframe.errors import DamagedError
from wmframe.interfaces.dataset import RawVideo, VideoDataset


class ArrayVideos(VideoDataset):
    """Videos as arrays uint8 [T, S, S, 3]; the file's name is the key, its first word the label."""

    name = "arrays"

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        paths = sorted((root / split).glob("*.npy"))
        return [RawVideo(path.stem, path, path.stem.partition("_")[0]) for path in paths]

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        try:
            frames_THWC: np.ndarray = np.load(video.path, allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise DamagedError(f"{video.path} is no array: {error}") from error
        return frames_THWC


def write_videos(folder: Path, lengths: Sequence[int], size: int = 16, seed: int = 0) -> None:
    """Write videos for :class:`ArrayVideos`: smooth pictures that drift.

    Args:
        folder: of one split.
        lengths: frames of each video.
        size: frames are size x size pixels.
        seed: fixes the pictures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    grid = np.linspace(0, 2 * np.pi, size)
    for number, length in enumerate(lengths):
        phase_TC = rng.uniform(0, 6, 3) + 0.2 * np.arange(length)[:, None]
        wave_TWC = np.sin(grid[:, None] + phase_TC[:, None])
        wave_THWC = wave_TWC[:, None] * np.cos(grid)[:, None, None]
        np.save(folder / f"wave_{number:04d}.npy", (127.5 + 120 * wave_THWC).astype(np.uint8))
