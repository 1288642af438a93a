"""An episode in the dataset's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

Row = Mapping[str, Any]


@attrs.frozen
class Entry:
    """An episode: its number, its frames, its task, and its row."""

    index: int
    length: int
    label: str
    row: Row
