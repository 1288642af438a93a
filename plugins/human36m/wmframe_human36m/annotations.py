"""The publisher's annotations: available frames, and positions of joints in them.

``train_images.txt`` names the frames of S1, S5, S6, S7 and S8, ``train.h5`` has their joints in the
same order, key ``part`` [N, 17, 2] in pixels; ``valid`` likewise for S9 and S11. HDF5 is data, and
reading it executes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import h5py
import numpy as np

from wmframe.errors import DamagedError, MissingError
from wmframe_human36m.layout import SOURCE, above
from wmframe_human36m.titles import EVERY, FRAME, VALID_SUBJECTS, Title

PLACES: Final = ("annot/", "h36m/annot/", "")
"""Where the annotations may be, from a folder above the frames."""

MOST_JOINTS: Final = 64
"""More than the publisher's 17 are bounded before memory is taken for them."""

ANEW: Final = f"get {SOURCE}/h36m_annot.tar again and unpack it"


def find_annotations(frames: Path, subjects: Iterable[int]) -> Path:
    """The folder with the annotations of subjects, next to or above the folder ``frames``.

    Raises:
        MissingError: a file is not there.
    """
    halves = sorted({half_of(subject) for subject in subjects})
    needed = [name for half in halves for name in (f"{half}.h5", f"{half}_images.txt")]
    folder = above(frames, [f"{place}{name}" for place in PLACES for name in needed])
    lacking = [name for name in needed if folder is None or not (folder.parent / name).is_file()]
    if folder is None or lacking:
        where = f"near {frames}" if folder is None else f"in {folder.parent}"
        raise MissingError(
            f"the annotations are not complete {where}: no {', '.join(lacking)}",
            f"unpack {SOURCE}/h36m_annot.tar so that annot/ is next to images/, or, if the frames "
            "were cropped already, add --set cropped=true",
        )
    return folder.parent


def half_of(subject: int) -> str:
    """Which of the publisher's halves has a subject: ``train`` or ``valid``."""
    return "valid" if subject in VALID_SUBJECTS else "train"


def listed(folder: Path, half: str) -> Mapping[str, np.ndarray]:
    """The frames of each video that a half lists, by title.

    Returns:
        int [T, 2], in the order of frames: a frame's number in its name, its row of joints.

    Raises:
        DamagedError: a line is no frame's name, or there are not as many joints as lines.
    """
    path = folder / f"{half}_images.txt"
    return _listed(path.absolute(), path.stat().st_mtime_ns)


@lru_cache(maxsize=2)  # one for each half, in every process that decodes
def _listed(path: Path, _changed: int) -> Mapping[str, np.ndarray]:
    rows: dict[str, list[tuple[int, int]]] = {}
    lines = path.read_text("utf-8", errors="replace").split()
    for row, line in enumerate(lines):
        name = FRAME.fullmatch(line.rpartition("/")[2])
        if name is None:
            raise DamagedError(f"{path}: line {row + 1} is {line!r}, not a frame's name", ANEW)
        rows.setdefault(name[1], []).append((int(name[2]), row))
    return {title: np.array(sorted(found)) for title, found in rows.items()}


def check_annotations(folder: Path, half: str) -> None:
    """See that a half's files belong together.

    Raises:
        DamagedError: they do not, or one cannot be read.
    """
    frames = sum(len(found) for found in listed(folder, half).values())
    path = folder / f"{half}.h5"
    with _part_of(path) as part_NJ2:
        shape = part_NJ2.shape
    if len(shape) != 3 or shape[2] != 2 or shape[1] > MOST_JOINTS:
        raise DamagedError(f"{path}: 'part' has shape {shape}, not (N, 17, 2)", ANEW)
    if shape[0] != frames:
        message = f"{path} has joints of {shape[0]} frames, {half}_images.txt names {frames}"
        raise DamagedError(message, ANEW)


def joints_of(folder: Path, title: Title) -> np.ndarray:
    """The joints in every frame of a video, [T, J, 2] in pixels.

    Raises:
        DamagedError: the annotations cannot be read, do not list the video, or leave out frames.
    """
    half = half_of(title.subject)
    rows_T2 = listed(folder, half).get(title.text)
    if rows_T2 is None:
        raise DamagedError(f"{half}_images.txt does not list {title.text}")
    expected_T = np.arange(len(rows_T2)) * EVERY + 1
    if wrong := np.flatnonzero(rows_T2[:, 0] != expected_T).tolist():
        at, found = wrong[0], rows_T2[wrong[0], 0]
        raise DamagedError(
            f"{half}_images.txt lists {title.text}_{found:06d}.jpg where {title.frame(at)} belongs"
        )
    first, last = int(rows_T2[:, 1].min()), int(rows_T2[:, 1].max())
    with _part_of(folder / f"{half}.h5") as part_NJ2:
        read_NJ2 = np.asarray(part_NJ2[first : last + 1], np.float64)
    joints_TJ2: np.ndarray = read_NJ2[rows_T2[:, 1] - first]
    return joints_TJ2


def _own(path: Path, file: h5py.File) -> h5py.Dataset:
    """The joints, if they are in this very file: HDF5 may fetch them from any other one."""
    link = file.get("part", getlink=True)
    if isinstance(link, h5py.ExternalLink | h5py.SoftLink):
        raise DamagedError(f"{path}: 'part' is a link to {link.path!r}, maybe elsewhere", ANEW)
    part = file.get("part")
    if not isinstance(part, h5py.Dataset):
        raise DamagedError(f"{path} has no 'part'", ANEW)
    if part.is_virtual or part.external:
        raise DamagedError(f"{path}: the numbers of 'part' are in other files", ANEW)
    return part


@contextmanager
def _part_of(path: Path) -> Iterator[h5py.Dataset]:
    """The joints of a file, to be read while it is open."""
    try:
        with h5py.File(path, "r") as file:
            yield _own(path, file)
    except (OSError, ValueError) as error:
        raise DamagedError(f"{path} cannot be read as HDF5: {error}", ANEW) from error
