"""Raw trees in the publisher's layout, made by real encoders: JPEG frames, HDF5 annotations."""

from __future__ import annotations

from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from PIL import Image

TITLES = {
    "S1_Directions.54138969": 3,
    "S1_TakingPhoto_1.55011271": 2,
    "S9_Eating_1.54138969": 4,
    "S9_Eating_1.60457274": 2,
    "S11_WalkDog.58860488": 2,
}


def frame(shade=0):
    """1000x1000 pixels: red says x, green says y, blue is the shade; so a crop says where it is."""
    ramp = np.arange(1000) * 255 / 1000
    x, y = np.meshgrid(ramp, ramp)
    return np.stack([x, y, np.full_like(x, shade)], -1).astype(np.uint8)


def joints(number):
    """17 joints whose box is 100x300 pixels; it moves 20 pixels a frame to the right."""
    left = 300.0 + 20 * (number - 1) / 5
    xs = np.linspace(left, left + 100, 17)
    return np.stack([xs, np.linspace(300, 600, 17)], -1)


def write_frames(folder, titles, picture=None):
    folder.mkdir(parents=True, exist_ok=True)
    for title, count in titles.items():
        for index in range(count):
            image = Image.fromarray(frame(60) if picture is None else picture)
            image.save(folder / f"{title}_{5 * index + 1:06d}.jpg", quality=95)


def write_annotations(folder, titles):
    folder.mkdir(parents=True, exist_ok=True)
    for half, members in (("train", ("S1_",)), ("valid", ("S9_", "S11_"))):
        names = [
            (f"{title}_{number:06d}.jpg", number)
            for title, count in titles.items()
            if title.startswith(members)
            for number in range(1, 5 * count, 5)
        ]
        part = np.stack([joints(number) for _, number in names]) if names else np.zeros((0, 17, 2))
        (folder / f"{half}_images.txt").write_text("".join(f"{name}\n" for name, _ in names))
        with h5py.File(folder / f"{half}.h5", "w") as file:
            file["part"] = part


@pytest.fixture
def tree():
    """The functions above, for tests that make trees of their own."""
    return SimpleNamespace(
        titles=TITLES,
        frame=frame,
        write_frames=write_frames,
        write_annotations=write_annotations,
    )


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """What the archives unpack to, of three subjects; do not change it."""
    root = tmp_path_factory.mktemp("raw")
    write_frames(root / "h36m" / "images", TITLES)
    write_annotations(root / "h36m" / "annot", TITLES)
    return root


@pytest.fixture
def raw(published, tmp_path):
    """A copy of it to change; the frames are linked."""
    root = tmp_path / "raw"
    for path in sorted(published.rglob("*")):
        copy = root / path.relative_to(published)
        if path.is_dir():
            copy.mkdir(parents=True)
        elif path.suffix == ".jpg":
            copy.symlink_to(path)
        else:
            copy.write_bytes(path.read_bytes())
    return root
