"""Pack raw videos into shards in several processes; interrupted packing resumes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import attrs
import numpy as np

from wmframe.data.shards.crew import map_in_order
from wmframe.data.shards.index import KEY, ShardIndex, shard_paths
from wmframe.data.shards.manifest import Manifest
from wmframe.data.shards.payload import Kind, encode
from wmframe.data.shards.writer import ShardWriter
from wmframe.errors import MissingError, PluginError, UsageError, WmframeError
from wmframe.interfaces.dataset import Counts, RawVideo, VideoDataset

LOST: Final = "its process died while decoding it"


@attrs.frozen
class PackReport:
    """Content of a folder of shards after packing.

    Attributes:
        folder: of the shards.
        counts: ``videos``, ``frames``, ``shards`` and ``bytes`` in it, and ``added``, the videos
            that were packed this time.
        bad: by the key of a video that was left out, its file and why.
        expected: how much the split has by its publisher; None where that is not known.
    """

    folder: Path
    counts: dict[str, int]
    bad: dict[str, str]
    expected: Counts | None = None


@attrs.frozen
class Step:
    """Progress: ``done`` of ``total`` videos are processed.

    For a bad video ``problem`` has the reason, and ``hint`` a fix, if the dataset has one.
    """

    done: int
    total: int
    video: RawVideo
    problem: str = ""
    hint: str = ""


@attrs.frozen
class Outcome:
    """A decoded and encoded video, or the reason why it is bad."""

    video: RawVideo
    frames: int = 0
    payload: bytes = b""
    source_bytes: int = 0
    problem: str = ""
    hint: str = ""


def pack(
    dataset: VideoDataset,
    root: Path,
    out: Path,
    *,
    split: str = "train",
    size: int = 64,
    payload: Kind = "strip",
    processes: int | None = None,
    shard_mb: float = 256,
    progress: Callable[[Step], None] | None = None,
) -> PackReport:
    """Pack a split of a dataset into ``out/split``.

    Existing shards are kept: interrupted packing resumes, and the shards equal those of an
    uninterrupted run. Bad videos are reported, skipped and tried again next time. A second process
    that packs into the same folder waits for the first.

    Args:
        dataset: where the videos are and how they are decoded.
        root: the raw data.
        out: gets a folder named after the split.
        split: ``train`` or ``val``.
        size: frames become size x size pixels.
        payload: ``strip`` is small, ``npy`` is quickest to read.
        processes: how many decode; all usable cores by default; 0 decodes in this process.
        shard_mb: a shard is complete when it has as many MiB.
        progress: told of each video as it is done.

    Raises:
        MissingError: there are no videos of that split.
        UsageError: the folder holds shards of another kind, or packed with other settings.
        PluginError: the dataset gives two videos one key.
    """
    videos = checked(dataset, dataset.videos(root, split), split)
    folder = out / split
    folder.mkdir(parents=True, exist_ok=True)
    processes = usable_cores() if processes is None else processes
    manifest = Manifest.of(dataset, root, split, size, payload)
    with locked(folder):
        packing = Packing(folder, manifest, root, int(shard_mb * 2**20))
        todo = [video for video in videos if video.key not in packing.packed]
        work = partial(decoded, dataset, size, payload)
        done = len(videos) - len(todo)
        for outcome in map_in_order(work, todo, processes, lost):
            packing.take(outcome)
            done += 1
            if progress is not None:
                progress(Step(done, len(videos), outcome.video, outcome.problem, outcome.hint))
        return packing.finish(len(todo))


class Packing:
    """The output folder: its shards so far and the one being written."""

    def __init__(self, folder: Path, manifest: Manifest, root: Path, shard_bytes: int) -> None:
        self.folder, self.manifest, self.root = folder, manifest, root
        self._shard_bytes = shard_bytes
        self._writer: ShardWriter | None = None
        self.bad: dict[str, str] = {}
        found = Manifest.load(folder)
        self.indexes = [ShardIndex.load(path) for path in shard_paths(folder)]
        for made in [found] if found else map(self._made, self.indexes):
            check_same(folder, made, manifest)
        self.packed = {clip.key for index in self.indexes for clip in index.clips}
        self._next = 1 + max((int(path.stem) for path in shard_paths(folder)), default=-1)
        if found is None:
            manifest.save(folder)

    def _made(self, index: ShardIndex) -> Manifest:
        """Properties taken from a shard, if only shards were copied."""
        kind = index.clips[0].kind if index.clips else self.manifest.payload
        return Manifest(index.dataset, self.manifest.split, index.size, kind)

    def take(self, outcome: Outcome) -> None:
        """Add a video, or note that it is bad."""
        video = outcome.video
        if outcome.problem:
            why = "; ".join(filter(None, (outcome.problem, outcome.hint)))
            self.bad[video.key] = f"{self._shown(video)}: {why}"
            return
        writer = self._writer = self._writer or self._begin()
        facts = {
            "label": video.label,
            "source": self._shown(video),
            "source_bytes": outcome.source_bytes,
            "start": video.start,
            "stop": video.stop,
        }
        writer.add(video.key, outcome.frames, outcome.payload, facts)
        if writer.length >= self._shard_bytes:
            self._end()

    def _begin(self) -> ShardWriter:
        made = self.manifest
        path = self.folder / f"{self._next:06d}.tar"
        return ShardWriter(path, made.dataset, made.size, made.payload)

    def _end(self) -> None:
        if self._writer is not None:
            self.indexes.append(self._writer.finish())
            self._writer = None
            self._next += 1

    def finish(self, tried: int) -> PackReport:
        """Complete the last shard and the manifest."""
        self._end()
        attrs.evolve(self.manifest, complete=True, bad=self.bad).save(self.folder)
        clips = [clip for index in self.indexes for clip in index.clips]
        counts = {
            "videos": len(clips),
            "frames": sum(clip.frames for clip in clips),
            "shards": len(self.indexes),
            "bytes": sum(index.bytes for index in self.indexes),
            "added": tried - len(self.bad),
        }
        return PackReport(self.folder, counts, self.bad, self.manifest.expected)

    def _shown(self, video: RawVideo) -> str:
        inside = video.path.is_relative_to(self.root)
        return str(video.path.relative_to(self.root) if inside else video.path)


def check_same(folder: Path, made: Manifest, wanted: Manifest) -> None:
    """Check that more may be packed into a folder of shards.

    Raises:
        UsageError: what is there was made otherwise; the message names the differences.
    """
    there, here = made.differences(wanted)
    if there:
        hint = "choose another --out, or the same settings; or delete it to pack everything again"
        raise UsageError(f"{folder} was packed with {there}, not with {here}", hint)


def decoded(dataset: VideoDataset, size: int, kind: Kind, video: RawVideo) -> Outcome:
    """Decode and encode one video; problems are returned, not raised."""
    try:
        frames_THWC = dataset.decode(video, size)
        if problem := wrong_frames(frames_THWC, size):
            return Outcome(video, problem=problem)
        source = video.path.stat().st_size if video.path.is_file() else 0
        return Outcome(video, len(frames_THWC), encode(frames_THWC, kind), source)
    except WmframeError as error:
        return Outcome(video, problem=error.message, hint=error.hint)
    except Exception as error:
        return Outcome(video, problem=f"{type(error).__name__}: {error}")


def wrong_frames(frames_THWC: np.ndarray, size: int) -> str:
    """The problem of decoded frames; empty if there is none."""
    if frames_THWC.shape[1:] != (size, size, 3) or frames_THWC.dtype != np.uint8:
        return f"decoded to {frames_THWC.dtype} {frames_THWC.shape}, not uint8 [T, S, S, 3]"
    return "" if len(frames_THWC) else "it has no frames"


def lost(video: RawVideo) -> Outcome:
    """The result for a video that crashed its process."""
    return Outcome(video, problem=LOST)


def checked(dataset: VideoDataset, videos: Sequence[RawVideo], split: str) -> Sequence[RawVideo]:
    """The videos, checked to exist and to have keys that can name files.

    Raises:
        MissingError: there are none.
        PluginError: a key has invalid characters or is not unique.
    """
    if not videos:
        message = f"{dataset.name} has no videos of split {split} there"
        raise MissingError(message, "name the splits that it has, as with --split train")
    seen: set[str] = set()
    for video in videos:
        if video.key in seen or not KEY.fullmatch(video.key):
            what = "is of two videos" if video.key in seen else "has other than letters, digits, -_"
            raise PluginError(f"{dataset.name}: key {video.key!r} {what}", "tell its author")
        seen.add(video.key)
    return videos


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from packing into a folder; the system releases the lock if this one
    dies.
    """
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
