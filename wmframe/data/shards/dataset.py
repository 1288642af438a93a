"""``wmframe.shards``: the shards of any dataset, from any source."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from wmframe.data.decoding import resize
from wmframe.data.shards.index import Clip, ShardIndex, decode_clip, shard_paths
from wmframe.data.shards.manifest import Manifest
from wmframe.errors import MissingError
from wmframe.interfaces.dataset import Counts, RawVideo, VideoDataset


class Shards(VideoDataset):
    """A folder of shards as a dataset: for training, or to pack again differently.

    Settings as in :class:`~wmframe.data.shards.config.PackedConfig`.
    """

    name = "wmframe.shards"

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """The clips of ``root/split``; see :class:`~wmframe.interfaces.VideoDataset`."""
        paths = shard_paths(root / split)
        if not paths:
            raise MissingError(f"{root / split} holds no shards", "give the folder above it")
        return [
            RawVideo(key, path, clip.label)
            for path in paths
            for key, clip in clips_of(path)[1].items()
        ]

    def expected(self, root: Path, split: str) -> Counts | None:
        """The published counts recorded at packing."""
        made = Manifest.load(root / split)
        return made.expected if made else None

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """A clip's frames; see :class:`~wmframe.interfaces.VideoDataset`."""
        stored, clips = clips_of(video.path)
        clip = clips[video.key]
        with video.path.open("rb") as file:
            file.seek(clip.offset)
            payload = file.read(clip.bytes)
        frames_THWC = decode_clip(clip, payload, stored)
        return np.stack([resize(frame_HWC, size) for frame_HWC in frames_THWC])


@lru_cache(maxsize=4)
def clips_of(shard: Path) -> tuple[int, dict[str, Clip]]:
    """The size of a shard's frames, and its clips by key."""
    index = ShardIndex.load(shard)
    return index.size, {clip.key: clip for clip in index.clips}
