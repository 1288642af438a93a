"""Small raw trees as the publisher and as the reference's script lay them out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wmframe.recipe.structure import structure_part


class Trees:
    """Makes frames whose middle is as bright as their number says; the rest is black."""

    @staticmethod
    def level(number: int) -> int:
        """Brightness of a frame's middle, 40 to 239."""
        return 40 + number % 200

    @staticmethod
    def frame(number: int, height: int = 36, width: int = 64) -> np.ndarray:
        """A frame, uint8 [H, W, 3]; what is outside of the middle square is black."""
        frame_HWC = np.zeros((height, width, 3), np.uint8)
        side = (width - height) // 2
        frame_HWC[:, side : side + height] = Trees.level(number)
        return frame_HWC

    @staticmethod
    def write(folder: Path, numbers: Iterable[int], height: int = 36, width: int = 64) -> Path:
        """Write ``NUMBER.jpg`` for each number."""
        folder.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            frame = Image.fromarray(Trees.frame(number, height, width))
            frame.save(folder / f"{number}.jpg", quality=95)
        return folder


@pytest.fixture
def trees() -> type[Trees]:
    """What makes raw trees."""
    return Trees


@pytest.fixture
def root(tmp_path) -> Path:
    """Three raw folders, one of them held out; one has two runs, and all begin somewhere."""
    root = tmp_path / "raw"
    Trees.write(root / "newytb" / "dir-1", [*range(3, 153), *range(200, 330)])
    Trees.write(root / "newytb" / "dir-2", range(1000, 1140))
    Trees.write(root / "newytb" / "dir-15", range(12, 162))
    return root


@pytest.fixture
def prepared(tmp_path) -> Path:
    """Folders as the reference's script leaves them."""
    made = tmp_path / "made"
    for name, frames in (("dir-1_0", 11), ("dir-1_1", 7), ("dir-15_0", 9)):
        Trees.write(made / "ytb64x64" / name, range(frames), 64, 64)
    return made


@pytest.fixture
def make_dataset():
    """Build the dataset as a recipe would, with some settings."""

    def make(**settings):
        return structure_part("dataset", {"use": "youtube_driving", **settings}).build()

    return make
