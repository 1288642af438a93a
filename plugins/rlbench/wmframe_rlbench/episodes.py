"""Episodes as DreamerV2's replay saves them: where they are, and the pictures in one.

An episode is a compressed npz file ``<time>-<uuid>-<length>.npz``, the length being one less than
the number of frames; key ``image`` is uint8 [T, 64, 64, 3]. Reward, action and the rest are not
read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np

from wmframe.data.arrays import read_npz
from wmframe.data.folders import once, walk
from wmframe.errors import DamagedError, MissingError

TRAIN: Final = "train_episodes"
EVAL: Final = "eval_episodes"
NAME: Final = re.compile(r"[^-]+-[^-]+-(\d+)")
SOURCE: Final = "https://drive.google.com/drive/folders/1Qk9fvC1OGxrbVFGm0zrPmAmV8lu4_l8D"
"""Where APV's authors publish them."""

IMAGE: Final = "image"


def find_episodes(root: Path) -> tuple[list[Path], list[Path]]:
    """The episodes at or below ``root``, for training and held out, by name.

    Those in folders ``train_episodes`` and ``eval_episodes``; without such folders, those in
    ``root`` itself are to train on.

    Raises:
        MissingError: there are none to train on.
    """
    if not root.is_dir():
        raise MissingError(f"{root} is no folder", "--root is the folder that has train_episodes")
    train, judged = episodes_in(root, TRAIN), episodes_in(root, EVAL)
    if not train and not judged:
        train = once(sorted(path for path in root.glob("*.npz") if path.is_file()))
    if not train:
        raise MissingError(
            f"{root} has no {TRAIN}/<time>-<uuid>-<length>.npz in it or below it",
            f"get APV's episodes from {SOURCE}, unpack them, and give the folder as --root; "
            "RLBench's own demonstrations, folders of PNG files, are a video_folder",
        )
    return train, judged


def episodes_in(root: Path, name: str) -> list[Path]:
    """The npz files in folders of a name at or below ``root``, sorted by their names."""
    found = [
        folder / file
        for folder, _, files in walk(root)
        for file in files
        if folder.name == name and file.endswith(".npz")
    ]
    return once(sorted(found, key=lambda path: (path.name, path)))


def read_frames(path: Path) -> np.ndarray:
    """The pictures of an episode, uint8 [T, H, W, 3].

    Raises:
        DamagedError: it is no npz file, is cut, has no such pictures or fewer than its name says.
    """
    frames_THWC = _member(path)
    if frames_THWC.dtype != np.uint8 or frames_THWC.ndim != 4 or frames_THWC.shape[3] != 3:
        shape = f"{frames_THWC.dtype} {frames_THWC.shape}"
        raise DamagedError(f"its {IMAGE} is {shape}, not uint8 (T, 64, 64, 3)")
    named = NAME.fullmatch(path.stem)
    wanted = int(named[1]) + 1 if named else 2
    if len(frames_THWC) < max(wanted, 2) or not frames_THWC.size:
        said = "its name says" if named else "a video has at least"
        raise DamagedError(f"it has {len(frames_THWC)} frames, {said} {max(wanted, 2)}")
    return frames_THWC


def _member(path: Path) -> np.ndarray:
    return read_npz(path, IMAGE)
