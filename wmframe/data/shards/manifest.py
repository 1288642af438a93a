"""``manifest.json``: what a folder of shards was packed from, and whether packing was finished."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import attrs

from wmframe.data.shards.payload import Kind
from wmframe.errors import DamagedError
from wmframe.files import write_atomically

FILE: Final = "manifest.json"


@attrs.frozen
class Manifest:
    """How a folder's shards are made.

    Attributes:
        dataset: name of the dataset.
        split: ``train`` or ``val``.
        size: frames are size x size pixels.
        payload: ``strip`` or ``npy``.
        complete: whether every video of the split was packed or found bad.
        bad: by the key of a video that was left out, its file and why.
    """

    dataset: str
    split: str
    size: int
    payload: Kind
    complete: bool = False
    bad: dict[str, str] = attrs.field(factory=dict)

    def save(self, folder: Path) -> None:
        """Replace the folder's manifest."""
        write_atomically(folder / FILE, json.dumps(attrs.asdict(self), indent=2))

    @classmethod
    def load(cls, folder: Path) -> Manifest | None:
        """The folder's manifest; None if it has none, as when only shards were copied.

        Raises:
            DamagedError: it cannot be read.
        """
        path = folder / FILE
        if not path.exists():
            return None
        try:
            return cls(**json.loads(path.read_bytes()))
        except (ValueError, TypeError) as error:
            raise DamagedError(f"{path}: {error}", "delete it, and pack again") from error

    @property
    def settings(self) -> dict[str, object]:
        """What must stay the same when packing goes on."""
        return {name: getattr(self, name) for name in ("dataset", "split", "size", "payload")}
