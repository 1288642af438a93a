"""ShardWriter: writes one shard."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from wmframe.data.shards.index import Clip, ShardIndex, payload_hash
from wmframe.data.shards.payload import EXTENSIONS, Kind
from wmframe.files import disk_errors, sync

BLOCK: Final = 512


class ShardWriter:
    """Writes a shard to a temporary file; :meth:`finish` moves it into place with its index.

    The same clips give the same bytes: no time stamps or machine names are written.

    Args:
        path: the shard's ``.tar`` file.
        dataset: the dataset's name.
        size: frames are size x size pixels.
        kind: of the payloads.
    """

    def __init__(self, path: Path, dataset: str, size: int, kind: Kind) -> None:
        self.path = path
        self._dataset, self._size, self._kind = dataset, size, kind
        self._partial = path.with_suffix(".partial")
        self._clips: list[Clip] = []
        with disk_errors(path):
            self._tar = tarfile.open(self._partial, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115

    @property
    def length(self) -> int:
        """Bytes written so far."""
        return self._tar.offset

    def add(self, key: str, frames: int, payload: bytes, facts: Mapping[str, Any]) -> None:
        """Append a clip.

        Args:
            key: unique in the dataset.
            frames: how many the payload holds.
            payload: see :mod:`~wmframe.data.shards.payload`.
            facts: what else is known of it; its ``label`` goes into the index too.
        """
        known = {"key": key, "frames": frames, "size": self._size, **facts}
        with disk_errors(self.path):
            self._append(f"{key}.json", json.dumps(known).encode())
            offset = self._append(f"{key}.{EXTENSIONS[self._kind]}", payload)
        label, hashed = str(facts.get("label", "")), payload_hash(payload)
        self._clips.append(Clip(key, frames, label, offset, len(payload), self._kind, hashed))

    def _append(self, name: str, data: bytes) -> int:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        self._tar.addfile(entry, io.BytesIO(data))
        padded = -(-len(data) // BLOCK) * BLOCK
        return self._tar.offset - padded

    def finish(self) -> ShardIndex:
        """Put the shard and then its index in place; from now on it counts."""
        with disk_errors(self.path):
            self._tar.close()
            sync(self._partial)
            self._partial.replace(self.path)
            size = self.path.stat().st_size
        index = ShardIndex(self._dataset, self._size, size, tuple(self._clips))
        index.save(self.path)
        return index
