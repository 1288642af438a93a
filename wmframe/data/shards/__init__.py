"""Videos as shards: pre-resized clips in tar files, packed once, then read at random.

A shard is a plain tar file with WebDataset's naming: a clip is ``KEY.json``, its metadata, and
``KEY.jstrip`` or ``KEY.npy``, its frames (see :mod:`~wmframe.data.shards.payload`). An index file
next to it has the offsets of the frames, so that a window is read by position.

Names are imported lazily, so that a dataset's settings are checked without FFmpeg.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wmframe.lazy import load_on_use

if TYPE_CHECKING:
    from wmframe.data.shards.loader import ClipBatch, ClipLoader
    from wmframe.data.shards.packing import PackReport, Step, pack
    from wmframe.data.shards.payload import webdataset_decoder
    from wmframe.data.shards.sampler import ClipSampler
    from wmframe.data.shards.shard_set import ShardSet

_HOME = {
    "ClipBatch": "loader",
    "ClipLoader": "loader",
    "ClipSampler": "sampler",
    "PackReport": "packing",
    "ShardSet": "shard_set",
    "Step": "packing",
    "pack": "packing",
    "webdataset_decoder": "payload",
}

__all__ = [
    "ClipBatch",
    "ClipLoader",
    "ClipSampler",
    "PackReport",
    "ShardSet",
    "Step",
    "pack",
    "webdataset_decoder",
]

__getattr__ = load_on_use(__name__, _HOME)
