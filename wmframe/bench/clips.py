"""``wmframe bench data``, its videos: frames a second from shards, by how many threads read.

``folders`` is what others read: a folder a video, a JPEG file a frame, decoded by Pillow. ``cold``
begins every round with an empty cache and nothing prefetched.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
from PIL import Image

from wmframe.bench.figures import Line, line, rounded, take_turns
from wmframe.bench.videos import ArrayVideos, write_videos
from wmframe.data.decoding import decode_video
from wmframe.data.shards import ClipLoader, ClipSampler, ShardSet, pack
from wmframe.data.shards.payload import Kind
from wmframe.errors import MissingError

VIDEOS: Final = 120
FRAMES: Final = 45
SIZE: Final = 64
BATCH: Final = 16
LENGTH: Final = 25
BATCHES: Final = 16
"""Read in a round of one case, at the least."""

ROUND_S: Final = 0.25
"""Minimum duration of a round without disk reads."""

WORKERS: Final = (0, 1, 2, 4)
FOLDERS: Final = "folders"


class ClipProbe:
    """Reads batches, and notes the processor time that it took.

    Args:
        make: makes what gives batches.
        files: that the batches are from.
        cold: whether each round starts with the files out of the cache.
    """

    def __init__(
        self, make: Callable[[], Iterator[Any]], files: Sequence[Path], *, cold: bool = False
    ) -> None:
        self._make, self._files, self._cold = make, files, cold
        self._source: Iterator[Any] | None = None
        self.processor_s_per_frame: list[float] = []
        self.bytes = sum(file.stat().st_size for file in files)

    def measure(self) -> Iterable[float]:
        """Frames a second of one round."""
        self._settle()
        if self._source is None:
            self._source = self._make()
            if not self._cold:
                next(self._source)
        batches, least_s = 0, 0.0 if self._cold else ROUND_S
        begun, worked = time.perf_counter(), time.process_time()
        while batches < BATCHES or time.perf_counter() - begun < least_s:
            next(self._source)
            batches += 1
        frames = batches * BATCH * LENGTH
        self.processor_s_per_frame.append((time.process_time() - worked) / frames)
        return [frames / (time.perf_counter() - begun)]

    def _settle(self) -> None:
        """The files into the system's cache, or out of it: other cases read the same ones."""
        if self._cold:
            self.close()
        for file in self._files:
            if self._cold:
                forget(file)
            else:
                file.read_bytes()

    def close(self) -> None:
        """Let threads go."""
        getattr(self._source, "close", lambda: None)()
        self._source = None


class FolderLoader(Iterator[np.ndarray]):
    """Batches [B, T, S, S, 3] of the draws of a shard set, a file a frame.

    Args:
        source: whose clips were written by :func:`write_folders`.
        folder: where to.
    """

    def __init__(self, source: ShardSet, folder: Path) -> None:
        self._sampler = ClipSampler([source], None, LENGTH, 0)
        self._folders = [folder / clip.key for clip in source.clips]
        self._drawn = 0

    def __next__(self) -> np.ndarray:
        draws = self._sampler.draw(self._drawn, BATCH)
        self._drawn += BATCH
        return np.stack([self._clip(i, s) for i, s in zip(draws.clips, draws.starts, strict=True)])

    def _clip(self, index: int, start: int) -> np.ndarray:
        paths = [self._folders[index] / f"{start + t + 1:06d}.jpg" for t in range(LENGTH)]
        return np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])


def measure_clips(rounds: int, workers: Sequence[int], videos: Path | None) -> Iterator[Line]:
    """A line for each way of storing, number of threads and state of the cache.

    Args:
        rounds: how often each is measured.
        workers: prefetching threads.
        videos: a folder of video files to take frames from; made-up ones if there is none.
    """
    with tempfile.TemporaryDirectory(prefix="wmframe-bench-") as name, ExitStack() as stack:
        probes = make_probes(Path(name), workers, videos)
        for probe in probes.values():
            stack.callback(probe.close)
        for case, figures in take_turns({k: p.measure for k, p in probes.items()}, rounds):
            probe = probes[case]
            seconds = float(np.median(probe.processor_s_per_frame))
            about = {
                "frames/s/core": rounded(1 / seconds),
                "bytes_per_frame": rounded(probe.bytes / (VIDEOS * FRAMES)),
            }
            yield line("data", f"clips {case} {BATCH}x{LENGTH}", "frames/s", figures, **about)


def make_probes(root: Path, workers: Sequence[int], videos: Path | None) -> dict[str, ClipProbe]:
    """Write the videos in every way into ``root``; a probe for each case."""
    if videos is None:
        write_videos(root / "raw" / "train", [FRAMES] * VIDEOS, SIZE)
    else:
        cut_videos(videos, root / "raw" / "train")
    probes = {}
    for kind in get_args(Kind):
        pack(ArrayVideos(), root / "raw", root / kind, size=SIZE, payload=kind, processes=0)
        files = sorted((root / kind).rglob("*.tar"))
        for number in workers:
            for state in ("warm", "cold"):
                name = f"{kind} workers={number} {state}"
                opened = shard_opener(root / kind / "train", number)
                probes[name] = ClipProbe(opened, files, cold=state == "cold")
    source = ShardSet(root / "npy" / "train")
    write_folders(source, root / FOLDERS)
    files = sorted((root / FOLDERS).rglob("*.jpg"))
    for state in ("warm", "cold"):
        probes[f"{FOLDERS} workers=0 {state}"] = ClipProbe(
            lambda: FolderLoader(source, root / FOLDERS), files, cold=state == "cold"
        )
    return probes


def shard_opener(folder: Path, workers: int) -> Callable[[], ClipLoader]:
    """Opens the loader that training uses."""
    return lambda: ClipLoader(
        [ShardSet(folder)], batch=BATCH, length=LENGTH, seed=0, workers=workers
    )


def cut_videos(raw: Path, folder: Path) -> None:
    """Cut videos of FRAMES frames out of the files in ``raw``, again and again.

    Raises:
        MissingError: no file is that long.
    """
    folder.mkdir(parents=True)
    films = [decode_video(path, SIZE) for path in sorted(raw.iterdir())]
    cuts = [film[at : at + FRAMES] for film in films for at in range(0, len(film) - FRAMES, FRAMES)]
    if not cuts:
        raise MissingError(f"{raw} has no video of {FRAMES + 1} frames", "give another --videos")
    for number, (_, cut) in enumerate(zip(range(VIDEOS), cycle(cuts), strict=False)):
        np.save(folder / f"cut_{number:04d}.npy", cut)


def write_folders(source: ShardSet, folder: Path) -> None:
    """A folder a clip, a JPEG file a frame."""
    for index, clip in enumerate(source.clips):
        (folder / clip.key).mkdir(parents=True)
        for t, frame_HWC in enumerate(source.read(index)):
            Image.fromarray(frame_HWC).save(folder / clip.key / f"{t + 1:06d}.jpg", quality=90)


def forget(file: Path) -> None:
    """Take a file out of the system's cache, where the system can."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)  # what is still to be written cannot be dropped
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
