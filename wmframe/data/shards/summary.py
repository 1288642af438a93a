"""Statistics and verification of a folder of shards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import attrs
import numpy as np

from wmframe.data.shards.counts import remarks
from wmframe.data.shards.index import decode_clip, shard_paths
from wmframe.data.shards.manifest import Manifest
from wmframe.data.shards.shard_set import ShardSet
from wmframe.errors import DamagedError, MissingError
from wmframe.interfaces.dataset import Counts

ROUND: Final = 256
"""Clips submitted to the threads at once, to bound memory."""


@attrs.frozen
class Summary:
    """Statistics of one folder of shards.

    Attributes:
        dataset: its name.
        payloads: what kinds of payload there are.
        size: frames are size x size pixels.
        shards: how many.
        videos: how many.
        frames: of all videos.
        bytes: of all payloads.
        lengths: shortest, quartiles and longest, in frames.
        labels: videos by label, the most frequent first.
        bad: videos that packing left out.
        fingerprint: see :meth:`ShardSet.fingerprint`.
        expected: how much the split has by its publisher; None where that is not known.
    """

    dataset: str
    payloads: tuple[str, ...]
    size: int
    shards: int
    videos: int
    frames: int
    bytes: int
    lengths: tuple[int, ...]
    labels: dict[str, int]
    bad: int
    fingerprint: str
    expected: Counts | None = None

    @property
    def remarks(self) -> list[str]:
        """See :func:`wmframe.data.shards.counts.remarks`."""
        return remarks(Counts(self.videos, self.frames), self.expected, self.bad)


def summarize(clips: ShardSet) -> Summary:
    """Statistics of a set."""
    manifest = Manifest.load(clips.folder)
    quantiles = np.quantile(clips.frames, [0, 0.25, 0.5, 0.75, 1])
    labels = Counter(clip.label for clip in clips.clips if clip.label)
    return Summary(
        dataset=clips.dataset,
        payloads=tuple(sorted({clip.kind for clip in clips.clips})),
        size=clips.size,
        shards=len(clips.paths),
        videos=len(clips),
        frames=int(clips.frames.sum()),
        bytes=sum(clip.bytes for clip in clips.clips),
        lengths=tuple(round(float(length)) for length in quantiles),
        labels=dict(labels.most_common()),
        bad=len(manifest.bad) if manifest else 0,
        fingerprint=clips.fingerprint(),
        expected=manifest.expected if manifest else None,
    )


def faults(clips: ShardSet, threads: int) -> Iterator[tuple[int, str]]:
    """Check every clip's hash and decode it.

    Yields:
        the position of each damaged clip, and what is wrong with it.
    """
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, len(clips), ROUND):
            numbers = range(first, min(first + ROUND, len(clips)))
            found = pool.map(partial(fault, clips), numbers)
            yield from ((n, text) for n, text in zip(numbers, found, strict=True) if text)


def fault(clips: ShardSet, index: int) -> str:
    """The problem of a clip; empty if there is none."""
    try:
        decode_clip(clips.clips[index], clips.payload(index), clips.size)
    except DamagedError as error:
        return error.message
    return ""


def split_folders(folder: Path) -> list[Path]:
    """The folders of shards that a path means: itself, or one for each split in it.

    Raises:
        MissingError: there are none.
    """
    found = [path for path in (folder, *sorted(folder.glob("*/"))) if shard_paths(path)]
    if not found:
        hint = 'give what "wmframe videos pack" wrote to, or one split in it'
        raise MissingError(f"{folder} holds no shards", hint)
    return found
