"""ShardSet: random access to the clips of a folder of shards."""

from __future__ import annotations

import hashlib
import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path

import numpy as np

from wmframe.data.shards.index import PACK_AGAIN, ShardIndex, shard_paths
from wmframe.data.shards.manifest import Manifest
from wmframe.data.shards.payload import fill_window
from wmframe.errors import DamagedError, MissingError


class ShardSet:
    """Random access to the clips of a folder of shards, without unpacking them.

    Threads may share it. Shards are opened when they are first read and stay open.

    Args:
        folder: shards of one split, each with its index.
        damaged: for a damaged shard ``refuse`` raises, ``skip`` omits its clips with a warning.
            Samplers treat unreadable clips accordingly.

    Raises:
        MissingError: the folder holds no shards, or packing was not finished.
        DamagedError: a shard or an index is damaged; the message names it.
    """

    def __init__(self, folder: str | Path, damaged: str = "refuse") -> None:
        self.folder = Path(folder)
        self.damaged = damaged
        self.skipped: list[DamagedError] = []
        found = list(self._load())
        self.paths = tuple(path for path, _ in found)
        self.clips = tuple(clip for _, index in found for clip in index.clips)
        self._shard_of = np.repeat(np.arange(len(found)), [len(i.clips) for _, i in found])
        self._files: dict[int, FileIO] = {}
        self._opening = threading.Lock()
        self.dataset, self.size = found[0][1].dataset, found[0][1].size
        self.frames = np.array([clip.frames for clip in self.clips], np.int64)
        """Frames of each clip."""

    def _load(self) -> Iterator[tuple[Path, ShardIndex]]:
        manifest = Manifest.load(self.folder)
        if manifest is not None and not manifest.complete:
            message = f"packing {manifest.dataset} into {self.folder} was not finished"
            raise MissingError(message, 'run the same "wmframe videos pack" again; it resumes')
        paths = shard_paths(self.folder)
        made, usable = _known(manifest), 0
        for path in paths:
            try:
                index = _load_like(path, made)
            except DamagedError as error:
                self._skip(error)
                continue
            if index.clips:
                made.setdefault("size", index.size)
                usable += len(index.clips)
                yield path, index
        if not usable:
            what = "no usable shards" if paths else "no shards"
            hint = 'give the folder of one split; "wmframe videos pack" makes it'
            raise MissingError(f"{self.folder} holds {what}", hint)

    def _skip(self, error: DamagedError) -> None:
        if self.damaged != "skip":
            raise error
        self.skipped.append(error)
        warnings.warn(f"{error.message}; skipped", stacklevel=4)

    def __len__(self) -> int:
        return len(self.clips)

    def read(self, index: int, start: int = 0, length: int | None = None) -> np.ndarray:
        """Frames of a clip, uint8 [length, S, S, 3]; from ``start`` to its end by default.

        Raises:
            DamagedError: they cannot be read; the message names shard and clip.
        """
        length = self.clips[index].frames - start if length is None else length
        out_THWC = np.empty((length, self.size, self.size, 3), np.uint8)
        self.read_into(out_THWC, index, start)
        return out_THWC

    def read_into(self, out_THWC: np.ndarray, index: int, start: int) -> None:
        """Read frames from ``start`` on into a contiguous array, as many as it holds.

        Raises:
            DamagedError: they cannot be read; the message names shard and clip.
        """
        clip = self.clips[index]
        if not 0 <= start <= clip.frames - len(out_THWC):
            raise IndexError(f"{clip.key} has {clip.frames} frames")

        def read_into(buffer: memoryview, offset: int) -> None:
            self._pread(index, buffer, offset)

        try:
            fill_window(out_THWC, start, clip.kind, clip.frames, clip.bytes, read_into)
        except DamagedError as error:
            raise self._named(index, error) from error

    def payload(self, index: int) -> bytes:
        """A clip's stored bytes.

        Raises:
            DamagedError: the shard ends early.
        """
        buffer = bytearray(self.clips[index].bytes)
        self._pread(index, memoryview(buffer), 0)
        return bytes(buffer)

    def path_of(self, index: int) -> Path:
        """The shard that holds a clip."""
        return self.paths[int(self._shard_of[index])]

    def fingerprint(self) -> str:
        """Equal for sets that hold the same clips in the same order."""
        digest = hashlib.blake2b(digest_size=16)
        for clip in self.clips:
            digest.update(f"{clip.key} {clip.frames} {clip.hash}\n".encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Close the shards; reading opens them again."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def __del__(self) -> None:
        with suppress(AttributeError):  # it was refused before it had files
            self.close()

    def _pread(self, index: int, buffer: memoryview, offset: int) -> None:
        clip = self.clips[index]
        end = offset + len(buffer)
        if offset < 0 or end > clip.bytes:
            raise DamagedError("the payload ends early")
        try:
            file = self._file(int(self._shard_of[index]))
            count = os.preadv(file.fileno(), [buffer], clip.offset + offset)
        except OSError as error:
            raise DamagedError(f"it cannot be read: {error}") from error
        if count < len(buffer):
            raise DamagedError("the shard ends early")

    def _file(self, shard: int) -> FileIO:
        file = self._files.get(shard)
        if file is None:
            with self._opening:
                file = self._files[shard] = self._files.get(shard) or FileIO(self.paths[shard])
        return file

    def _named(self, index: int, error: DamagedError) -> DamagedError:
        clip, path = self.clips[index], self.path_of(index)
        return DamagedError(f"{path}: clip {clip.key} is damaged: {error.message}", PACK_AGAIN)


def _known(manifest: Manifest | None) -> dict[str, object]:
    """Properties that all shards of a folder share, as far as known beforehand."""
    return {"dataset": manifest.dataset, "size": manifest.size} if manifest else {}


def _load_like(path: Path, made: Mapping[str, object]) -> ShardIndex:
    """A shard's index, which must be like the manifest or the shards before it."""
    index = ShardIndex.load(path)
    for what, wanted in made.items():
        if (found := getattr(index, what)) != wanted:
            message = f"{path} has {what} {found!r}, the others or the manifest have {wanted!r}"
            raise DamagedError(message, PACK_AGAIN)
    return index
