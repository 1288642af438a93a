"""``manifest.json``: source and settings of a folder of shards, and whether it is complete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.data.shards.payload import Kind
from wmframe.files import write_atomically
from wmframe.interfaces.dataset import Counts, VideoDataset
from wmframe.json_files import parse_json, read_json
from wmframe.json_scalars import Natural

FILE: Final = "manifest.json"


@attrs.frozen
class Manifest:
    """Properties of a folder's shards.

    Attributes:
        dataset: name of the dataset.
        split: ``train`` or ``val``.
        size: frames are size x size pixels.
        payload: ``strip`` or ``npy``.
        complete: whether every video of the split was packed or found bad.
        bad: by the key of a video that was left out, its file and why.
        settings: the dataset's; None where that was not noted, as in older shards.
        expected: how much the split has by its publisher; None where that is not known.
    """

    dataset: str
    split: str
    size: Natural
    payload: Kind
    complete: bool = False
    bad: dict[str, str] = attrs.field(factory=dict)
    settings: dict[str, Any] | None = None
    expected: Counts | None = None

    @classmethod
    def of(cls, dataset: VideoDataset, root: Path, split: str, size: int, kind: Kind) -> Manifest:
        """Properties of a split's shards before any is written."""
        settings = parse_json(json.dumps(dict(dataset.identity()), default=str), dict[str, Any])
        expected = dataset.expected(root, split)
        return cls(dataset.name, split, size, kind, settings=settings, expected=expected)

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
        return read_json(path, cls, hint="delete it, and pack again")

    def differences(self, wanted: Manifest) -> tuple[str, str]:
        """Properties that must not change when packing resumes but differ: here, and in ``wanted``.

        Settings that only one of them has, as in another version, are not compared.
        """
        here, there = self._terms(), wanted._terms()
        differ = [key for key, value in here.items() if there.get(key, value) != value]
        return _said(here, differ), _said(there, differ)

    def _terms(self) -> dict[str, Any]:
        terms = {"dataset": self.dataset, "--split": self.split}
        settings = {f"--set {key}": value for key, value in (self.settings or {}).items()}
        return {**terms, "--size": self.size, "--payload": self.payload, **settings}


def _said(terms: Mapping[str, Any], keys: list[str]) -> str:
    return ", ".join(f"{key}={json.dumps(terms[key])}" for key in keys)
