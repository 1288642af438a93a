"""The index of a shard: its clips and the offsets of their payloads.

``000003.json`` next to ``000003.tar``. It is written after the shard is complete, by one atomic
rename, so a shard without an index does not count.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import attrs
import numpy as np

from wmframe.data.shards.payload import Kind, check_claims, decode
from wmframe.errors import DamagedError
from wmframe.files import write_atomically
from wmframe.json_files import read_json
from wmframe.json_scalars import Natural

FORMAT: Final = 1


@attrs.frozen
class Clip:
    """One video of a shard.

    Attributes:
        key: unique in the dataset.
        frames: how many.
        label: what it shows; may be empty.
        offset: of the payload's first byte in the shard's file.
        bytes: of the payload.
        kind: of the payload.
        hash: of the payload, see :func:`payload_hash`.
    """

    key: str
    frames: int
    label: str
    offset: int
    bytes: int
    kind: Kind
    hash: str


FIELDS: Final = tuple(field.name for field in attrs.fields(Clip))


KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def _this_format(value: int) -> None:
    if value != FORMAT:
        raise ValueError(f"format {value}, this version reads {FORMAT}")


def _these_fields(value: tuple[str, ...]) -> None:
    if value != FIELDS:
        raise ValueError(f"expected {', '.join(FIELDS)}")


@attrs.frozen
class Saved:
    """Content of an index file; ``clips`` are rows of ``fields``."""

    format: Annotated[int, _this_format]
    dataset: str
    size: Natural
    bytes: Natural
    fields: Annotated[tuple[str, ...], _these_fields]
    clips: tuple[tuple[str, Natural, str, Natural, Natural, Kind, str], ...]


@attrs.frozen
class ShardIndex:
    """Content of a shard.

    Attributes:
        dataset: name of the dataset.
        size: frames are size x size pixels.
        bytes: length of the shard's file.
        clips: in the order of the file.
    """

    dataset: str
    size: int
    bytes: int
    clips: tuple[Clip, ...]

    def save(self, shard: Path) -> None:
        """Write the index of ``shard``, its ``.tar`` file."""
        content = {
            "format": FORMAT,
            "dataset": self.dataset,
            "size": self.size,
            "bytes": self.bytes,
            "fields": FIELDS,
            "clips": [[getattr(clip, field) for field in FIELDS] for clip in self.clips],
        }
        write_atomically(index_path(shard), json.dumps(content))

    @classmethod
    def load(cls, shard: Path) -> ShardIndex:
        """Read the index of ``shard``, its ``.tar`` file.

        Raises:
            DamagedError: the index cannot be read or does not fit the shard, or the shard's length
                has changed.
        """
        saved = read_json(index_path(shard), Saved, hint=PACK_AGAIN)
        if not shard.is_file():
            raise DamagedError(f"{shard} is not there", PACK_AGAIN)
        found = shard.stat().st_size
        if found != saved.bytes:
            message = f"{shard} has {found} bytes instead of {saved.bytes}"
            raise DamagedError(message, PACK_AGAIN)
        clips = tuple(Clip(*row) for row in saved.clips)
        try:
            check_clips(clips, saved.size, found)
        except DamagedError as error:
            raise DamagedError(f"{index_path(shard)}: {error.message}", PACK_AGAIN) from error
        return cls(saved.dataset, saved.size, saved.bytes, clips)


def check_clips(clips: Sequence[Clip], size: int, end: int) -> None:
    """Check that clips have unique keys and adjacent payloads in a file that can hold them.

    Args:
        clips: of one shard.
        size: frames are size x size pixels.
        end: the file's bytes.

    Raises:
        DamagedError: they do not; the clip is named.
    """
    seen: set[str] = set()
    before = 0
    for clip in sorted(clips, key=lambda clip: clip.offset):
        if not KEY.fullmatch(clip.key) or clip.key in seen:
            what = "twice" if clip.key in seen else "which has other than letters, digits, -_"
            raise DamagedError(f"it has the key {clip.key[:80]!r} {what}")
        seen.add(clip.key)
        if not before <= clip.offset <= end - clip.bytes:
            raise DamagedError(
                f"clip {clip.key} is said to have the bytes {clip.offset} to "
                f"{clip.offset + clip.bytes}, where another one or the file's end is"
            )
        before = clip.offset + clip.bytes
        try:
            check_claims(clip.frames, size, clip.kind, clip.bytes)
        except DamagedError as error:
            raise DamagedError(f"clip {clip.key}: {error.message}") from error


def decode_clip(clip: Clip, payload: bytes, size: int) -> np.ndarray:
    """All frames of a clip, uint8 [T, S, S, 3].

    Raises:
        DamagedError: the payload is not the packed one, or differs from the index.
    """
    if payload_hash(payload) != clip.hash:
        raise DamagedError("its bytes are not those that were packed")
    frames_THWC = decode(payload, clip.kind)
    wanted = (clip.frames, size, size, 3)
    if frames_THWC.shape != wanted or frames_THWC.dtype != np.uint8:
        found = f"{frames_THWC.dtype} {frames_THWC.shape}"
        raise DamagedError(f"it holds {found}, not uint8 {wanted}")
    return frames_THWC


def payload_hash(payload: bytes) -> str:
    """Hash of a payload, 16 hexadecimal digits."""
    return hashlib.blake2b(payload, digest_size=8).hexdigest()


PACK_AGAIN: Final = (
    "copy the shard and its index again, or delete both and pack again; a dataset with "
    'damaged = "skip" does without it'
)


def index_path(shard: Path) -> Path:
    """The index of a shard's ``.tar`` file."""
    return shard.with_suffix(".json")


def shard_paths(folder: Path) -> list[Path]:
    """The ``.tar`` files of the complete shards in a folder, including missing ones."""
    return [path.with_suffix(".tar") for path in sorted(folder.glob("[0-9]*.json"))]
