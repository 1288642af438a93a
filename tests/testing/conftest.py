"""The specimens, as modules and as a local plugin."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wmframe.registry import current, use_local

HERE = Path(__file__).parent
sys.path.append(str(HERE))  # as loading a local plugin does


@pytest.fixture
def specimens(monkeypatch):
    """The registry with the local plugin ``specimen``."""
    monkeypatch.setattr(current, "_local", ())
    return use_local([HERE / "specimen.py"])
