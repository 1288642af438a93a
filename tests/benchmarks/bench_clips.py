"""How many batches of 16 clips of 25 frames a second are read, by how videos are stored.

``python tests/benchmarks/bench_clips.py [ROUNDS [RAW]]``. ``folders`` is what others read: a
folder a video, a JPEG file a frame, decoded by Pillow. Figures are per second of processor time, so
per core; files were just written, so they are in the system's cache. RAW is a folder of video files
to take frames from; without one, pictures are made.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import get_args

import numpy as np
from machine import report, rounds, take_turns
from PIL import Image

from wmframe.data.decoding import decode_video
from wmframe.data.shards import ClipLoader, ClipSampler, ShardSet, pack
from wmframe.data.shards.payload import Kind
from wmframe.testing.videos import ArrayVideos, write_videos

VIDEOS, FRAMES, SIZE = 120, 45, 64
BATCH, LENGTH = 16, 25
BATCHES = 4
"""Read in a round of one case."""


def cut_videos(raw: Path, folder: Path) -> None:
    """Cut videos of FRAMES frames out of the files in ``raw``, again and again."""
    folder.mkdir(parents=True)
    films = [decode_video(path, SIZE) for path in sorted(raw.iterdir())]
    cuts = [film[at : at + FRAMES] for film in films for at in range(0, len(film) - FRAMES, FRAMES)]
    for number, (_, cut) in enumerate(zip(range(VIDEOS), cycle(cuts), strict=False)):
        np.save(folder / f"cut_{number:04d}.npy", cut)


def write_folders(source: ShardSet, folder: Path) -> None:
    """The reference's layout."""
    for index, clip in enumerate(source.clips):
        (folder / clip.key).mkdir(parents=True)
        for t, frame_HWC in enumerate(source.read(index)):
            Image.fromarray(frame_HWC).save(folder / clip.key / f"{t + 1:06d}.jpg", quality=90)


class FolderLoader:
    """Batches of the same draws out of :func:`write_folders`."""

    def __init__(self, source: ShardSet, folder: Path) -> None:
        self.sampler = ClipSampler([source], None, LENGTH, 0)
        self.folders = [folder / clip.key for clip in source.clips]
        self.drawn = 0

    def __next__(self) -> np.ndarray:
        draws = self.sampler.draw(self.drawn, BATCH)
        self.drawn += BATCH
        return np.stack([self.clip(i, s) for i, s in zip(draws.clips, draws.starts, strict=True)])

    def clip(self, index: int, start: int) -> np.ndarray:
        """A window, a file a frame."""
        paths = [self.folders[index] / f"{start + t + 1:06d}.jpg" for t in range(LENGTH)]
        return np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])


def per_core(loader: ClipLoader | FolderLoader) -> float:
    """Batches a second of processor time."""
    begun = time.process_time()
    for _ in range(BATCHES):
        next(loader)
    return BATCHES / (time.process_time() - begun)


def main() -> None:
    """Print a line for each way of storing."""
    many = rounds(15)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        if len(sys.argv) > 2:
            cut_videos(Path(sys.argv[2]), root / "raw" / "train")
        else:
            write_videos(root / "raw" / "train", [FRAMES] * VIDEOS, SIZE)
        sets, loaders = {}, {}
        for kind in get_args(Kind):
            pack(ArrayVideos(), root / "raw", root / kind, payload=kind, processes=0)
            sets[kind] = ShardSet(root / kind / "train")
            loaders[kind] = ClipLoader([sets[kind]], batch=BATCH, length=LENGTH, seed=0)
        write_folders(sets["npy"], root / "folders")
        loaders["folders"] = FolderLoader(sets["npy"], root / "folders")
        cases = {kind: partial(per_core, loader) for kind, loader in loaders.items()}
        figures = dict(take_turns(cases, many))
        slow = np.median(figures["folders"])
        for kind, found in figures.items():
            times = round(float(np.median(found) / slow), 2)
            report(f"{kind} {BATCH}x{LENGTH}", "batches/s/core", found, times=times)


if __name__ == "__main__":
    main()
