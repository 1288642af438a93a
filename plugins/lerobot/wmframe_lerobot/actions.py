"""Actions of a dataset as vectors in [-1, 1]."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from wmframe.errors import DamagedError, UsageError
from wmframe_lerobot.tables import read_json, read_lines


@attrs.frozen
class ActionScale:
    """Takes ``low`` [A] to -1 and ``high`` [A] to 1; an entry that never changes becomes 0."""

    low: np.ndarray
    high: np.ndarray

    def __call__(self, action_TA: np.ndarray) -> np.ndarray:
        """Scale actions [T, A] and clip them, float32.

        Raises:
            DamagedError: they have another number of entries, or are not finite.
        """
        if action_TA.shape[1:] != self.low.shape or not np.isfinite(action_TA).all():
            what = f"{action_TA.shape[1]} entries, the bounds {len(self.low)}"
            raise DamagedError(f"its actions are not finite, or do not fit: they have {what}")
        width = self.high - self.low
        moves = width > 0
        scaled = 2 * (action_TA - self.low) / np.where(moves, width, 1) - 1
        return np.clip(np.where(moves, scaled, 0), -1, 1).astype(np.float32)


def scale_between(low: Sequence[float], high: Sequence[float], size: int) -> ActionScale:
    """The scale of given bounds; a single number is that of every entry.

    Raises:
        UsageError: there are not as many as entries, or one is not below the other.
    """
    if any(len(bound) not in (1, size) for bound in (low, high)):
        raise UsageError(
            f"action_low has {len(low)} numbers and action_high {len(high)}, an action {size}",
            f"give one or {size} for both, or leave both out",
        )
    lows, highs = (np.broadcast_to(np.asarray(bound, float), size) for bound in (low, high))
    if not (lows < highs).all():
        raise UsageError("action_low is not below action_high", "give the bounds of the simulator")
    return ActionScale(lows, highs)


def scale_of(root: Path, key: str, files: Iterable[np.ndarray]) -> ActionScale:
    """The scale between the minimum and the maximum action of the dataset.

    Args:
        root: its folder.
        key: the feature that is the action.
        files: all actions, [T, A] each; read only where the dataset has no statistics.

    Raises:
        DamagedError: they are not finite, or there are none.
    """
    pairs = list(_statistics(root, key)) or [(one.min(0), one.max(0)) for one in files if len(one)]
    try:
        low = np.min([np.ravel(one) for one, _ in pairs], axis=0).astype(float)
        high = np.max([np.ravel(one) for _, one in pairs], axis=0).astype(float)
    except (ValueError, TypeError) as error:
        raise DamagedError(f"{root}: what bounds {key} is damaged: {error}") from error
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise DamagedError(f"{root}: the bounds of {key} are not finite")
    return ActionScale(low, high)


def _statistics(root: Path, key: str) -> Iterable[tuple[Any, Any]]:
    """The statistics of all episodes (v2.0, v3.0) or of each (v2.1)."""
    whole, each = root / "meta" / "stats.json", root / "meta" / "episodes_stats.jsonl"
    tables: list[Any]
    if whole.is_file():
        tables = [read_json(whole, dict[str, Any])]
    else:
        tables = [row.get("stats") for row in read_lines(each)] if each.is_file() else []
    for table in tables:
        found = table.get(key) if isinstance(table, dict) else None
        if isinstance(found, dict) and {"min", "max"} <= found.keys():
            yield found["min"], found["max"]
