"""An episode as the dataset's tables have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

Row = Mapping[str, Any]


@attrs.frozen
class Entry:
    """An episode: its number, its frames, what its task is, and the row that says so."""

    index: int
    length: int
    label: str
    row: Row
