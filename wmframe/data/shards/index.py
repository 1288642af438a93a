"""The index beside a shard: which clips it holds and where their payloads lie.

``000003.json`` beside ``000003.tar``. It is written after the shard is complete, in one rename, so
a shard without an index does not count.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.data.shards.payload import Kind
from wmframe.errors import DamagedError
from wmframe.files import write_atomically

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


@attrs.frozen
class ShardIndex:
    """What a shard holds.

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
            DamagedError: the index cannot be read, or the shard is not as long as it was.
        """
        try:
            index = cls._parse(json.loads(index_path(shard).read_bytes()))
            found = shard.stat().st_size
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DamagedError(f"{shard}: {error}", PACK_AGAIN) from error
        if found != index.bytes:
            message = f"{shard} has {found} bytes instead of {index.bytes}"
            raise DamagedError(message, PACK_AGAIN)
        return index

    @classmethod
    def _parse(cls, content: Any) -> ShardIndex:
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, this version reads {FORMAT}")
        fields = content["fields"]
        clips = (Clip(**dict(zip(fields, row, strict=True))) for row in content["clips"])
        return cls(content["dataset"], content["size"], content["bytes"], tuple(clips))


def payload_hash(payload: bytes) -> str:
    """Hash of a payload, 16 hexadecimal digits."""
    return hashlib.blake2b(payload, digest_size=8).hexdigest()


PACK_AGAIN: Final = (
    "copy the shard and the index beside it anew, or delete both and pack again; a dataset with "
    'damaged = "skip" does without it'
)


def index_path(shard: Path) -> Path:
    """The index of a shard's ``.tar`` file."""
    return shard.with_suffix(".json")


def shard_paths(folder: Path) -> list[Path]:
    """The ``.tar`` files of the complete shards in a folder, those that are missing included."""
    return [path.with_suffix(".tar") for path in sorted(folder.glob("[0-9]*.json"))]
