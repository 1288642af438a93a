"""GeneratedDataset: videos that are generated on first use and cached."""

from __future__ import annotations

import json
import os
import sys
from abc import abstractmethod
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from wmframe.errors import DamagedError, MissingError
from wmframe.interfaces.dataset import VideoDataset

if TYPE_CHECKING:
    from wmframe.data.shards.packing import Step

CACHE_VARIABLE: Final = "WMFRAME_CACHE"
SPLITS: Final = ("train", "val")
PAUSE: Final = 5.0
"""Seconds between two progress messages."""


class GeneratedDataset(VideoDataset):
    """A dataset whose :meth:`decode` generates a video instead of reading one.

    With a ``path`` it reads the shards there, like any dataset. Without one they are in the user's
    cache, ``CACHE/NAME/KEY/SPLIT``, where the key is a digest of :meth:`identity`: different
    settings give different shards, equal ones are generated once. The next use completes what a
    kill left unfinished; a second process waits meanwhile. ``decode`` identifies a video by its
    key.
    """

    size: int = 64
    """Side of a frame in pixels."""

    processes: int | None = None
    """Number of generating processes; None for one per core, 0 for the calling process."""

    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """Everything that determines the videos, as JSON."""

    def shards(self, split: str) -> Path:
        """See :meth:`wmframe.interfaces.VideoDataset.shards`; generated now if needed.

        Raises:
            MissingError: there is no such split.
        """
        if self.path:
            return super().shards(split)
        if split not in SPLITS:
            raise MissingError(f"{self.name} has no {split!r}", f"ask for {' or '.join(SPLITS)}")
        self.make(split)
        return self.folder / split

    @property
    def folder(self) -> Path:
        """Where the shards are kept."""
        text = json.dumps({**self.identity(), "size": self.size}, sort_keys=True)
        return cache_folder() / self.name / sha256(text.encode()).hexdigest()[:16]

    def make(self, split: str) -> None:
        """Generate the missing videos of a split.

        Raises:
            DamagedError: some could not be made.
        """
        from wmframe.data.shards import pack
        from wmframe.data.shards.manifest import Manifest

        made = Manifest.load(self.folder / split)
        if made is not None and made.complete and not made.bad:
            return
        report = pack(
            self,
            self.folder,
            self.folder,
            split=split,
            size=self.size,
            payload="npy",
            processes=self.processes,
            progress=Announcement(f"{self.name}: making {split} videos"),
        )
        if report.bad:
            video, problem = next(iter(report.bad.items()))
            message = f"{self.name}: {len(report.bad)} videos could not be made: {video}: {problem}"
            raise DamagedError(message, "run wmframe doctor; those that were made are kept")


class Announcement:
    """Reports the progress of generation on standard error."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._due = monotonic()

    def __call__(self, step: Step) -> None:
        """One more video is made."""
        if monotonic() >= self._due or step.done == step.total:
            print(f"{self._what}: {step.done} of {step.total}", file=sys.stderr, flush=True)
            self._due = monotonic() + PAUSE


def cache_folder() -> Path:
    """The user's cache: ``$WMFRAME_CACHE``, or ``wmframe`` below ``$XDG_CACHE_HOME``."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "wmframe"
