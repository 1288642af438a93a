"""A small raw tree as the publisher lays it out: VP9 files and label files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from wmframe.recipe.structure import structure_part

NAMES = (
    "Holding something next to something",
    "Pushing something from left to right",
    "Pushing something from right to left",
)
SPLITS = {"train": {"11": 1, "7": 0, "23": 2, "40": 1}, "validation": {"5": 2, "90": 0}}
FRAMES = {"11": 9, "7": 12, "23": 7, "40": 30, "5": 10, "90": 11}


class Trees:
    """Makes raw trees; its numbers say what is in those of :meth:`write_labels`."""

    NAMES = NAMES
    SPLITS = SPLITS
    FRAMES = FRAMES

    @staticmethod
    def moving(frames: int, height: int = 48, width: int = 80) -> np.ndarray:
        """A picture that gets brighter from frame to frame."""
        levels = np.linspace(40, 220, frames).astype(np.uint8)
        return np.broadcast_to(levels[:, None, None, None], (frames, height, width, 3)).copy()

    @staticmethod
    def write_webm(path: Path, frames_THWC: np.ndarray) -> None:
        """Encode as the publisher does: VP9 in WebM, 12 frames a second."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w", format="webm") as container:
            options = {"deadline": "realtime", "cpu-used": "8"}
            stream = container.add_stream("libvpx-vp9", rate=12, options=options)
            stream.height, stream.width = frames_THWC.shape[1:3]
            stream.pix_fmt = "yuv420p"
            for frame_HWC in frames_THWC:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame_HWC, format="rgb24")))
            container.mux(stream.encode())

    @staticmethod
    def write_frames(
        folder: Path, frames_THWC: np.ndarray, first: int = 1, name: str = "{:06d}.jpg"
    ) -> None:
        """JPEG files, numbered from ``first`` on."""
        folder.mkdir(parents=True)
        for number, frame_HWC in enumerate(frames_THWC, first):
            Image.fromarray(frame_HWC).save(folder / name.format(number), quality=95)

    @staticmethod
    def write_all_frames(root: Path, keys: Iterable[str]) -> None:
        """A folder of frames for each of some videos."""
        for key in keys:
            Trees.write_frames(root / "frames-64" / key, Trees.moving(FRAMES[key], 64, 64))

    @staticmethod
    def bracketed(name: str) -> str:
        """A label as ``train.json`` writes it."""
        return name.replace("something", "[something]")

    @staticmethod
    def write_labels(folder: Path, prefix: str = "") -> None:
        """The publisher's three files."""
        folder.mkdir(parents=True, exist_ok=True)
        numbers = {name: str(number) for number, name in enumerate(NAMES)}
        (folder / f"{prefix}labels.json").write_text(json.dumps(numbers))
        for split, labels in SPLITS.items():
            items = [
                {"id": key, "label": "holding a", "template": Trees.bracketed(NAMES[number])}
                for key, number in labels.items()
            ]
            (folder / f"{prefix}{split}.json").write_text(json.dumps(items))

    @staticmethod
    def write_lists(folder: Path) -> None:
        """List files as the reference makes them."""
        for split, labels in SPLITS.items():
            rows = [f"{key} {FRAMES[key]} {n}" for key, n in labels.items()]
            short = split.removesuffix("idation")
            (folder / f"{short}_video_folder.txt").write_text("\n".join(rows))
        (folder / "category.txt").write_text("\n".join(NAMES))


@pytest.fixture
def trees() -> type[Trees]:
    """What makes raw trees."""
    return Trees


@pytest.fixture
def root(tmp_path) -> Path:
    """Six videos and their labels, unpacked as the publisher says."""
    root = tmp_path / "raw"
    for key, frames in FRAMES.items():
        Trees.write_webm(root / "20bn-something-something-v2" / f"{key}.webm", Trees.moving(frames))
    Trees.write_labels(root / "labels")
    return root


@pytest.fixture
def make_dataset():
    """Build the dataset as a recipe would, with some settings."""

    def make(**settings):
        return structure_part("dataset", {"use": "something_something", **settings}).build()

    return make
