"""Episodes of a LeRobot dataset in the format of the replay.

A LeRobot row has an observation, the action taken at it and, as ``next.reward``, the reward of that
action. A row of a replay has the action that *led to* its observation, and its reward. So actions
and rewards are shifted by one row. The observation after the last action was not recorded: the last
frame is repeated for it, so that neither its reward nor the end is lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from wmframe.checks import Declared, Misfit
from wmframe.errors import DamagedError, MissingError, UsageError
from wmframe.suggest import suggest
from wmframe.types import Episode
from wmframe_lerobot.actions import ActionScale, scale_between, scale_of
from wmframe_lerobot.config import Terminal
from wmframe_lerobot.dataset import EpisodeVideo, LeRobot, key_of
from wmframe_lerobot.entry import Entry
from wmframe_lerobot.folders import open_folder
from wmframe_lerobot.info import ALL, read_info
from wmframe_lerobot.tables import Columns, read_parquet

REWARD, SUCCESS, DONE = "next.reward", "next.success", "next.done"


class EpisodeReader:
    """Reads the episodes of a dataset, one by one.

    Args:
        root: the dataset's folder.
        camera: what becomes ``image``; empty for the first.
        size: side of the image in pixels.
        action: the feature that is the action.
        low: what becomes -1, one number or one an entry; empty for the least of the dataset. Give
            the bounds of the simulator's actions if the agent is to act in one.
        high: what becomes 1, likewise.
        terminal: which ends are true ones, with value zero beyond: where ``next.success`` is true
            in the last row, where ``next.done`` is, or none. Many recorders set ``next.done`` at
            the end of every episode.

    Raises:
        MissingError: there is no such dataset, camera or feature.
        UsageError: the settings make no sense.
        DamagedError: what lists the episodes is damaged.
    """

    def __init__(
        self,
        root: str | Path,
        *,
        camera: str = "",
        size: int = 64,
        action: str = "action",
        low: Sequence[float] = (),
        high: Sequence[float] = (),
        terminal: Terminal = "success",
    ) -> None:
        self.info = read_info(Path(root).expanduser())
        self.folder = open_folder(self.info)
        if camera == ALL:
            raise UsageError("a replay has one image a row", "set camera to one camera's name")
        (self.camera,) = self.info.choose(camera)
        if action not in self.info.features:
            hint = suggest(action, self.info.features)
            raise MissingError(f"{self.info.root} has no feature {action!r}", hint)
        self.size, self.action, self.terminal = size, action, terminal
        self._low, self._high = low, high
        self.entries: list[Entry] = self.folder.entries()

    @cached_property
    def scale(self) -> ActionScale:
        """The scaling of actions to [-1, 1]."""
        if self._low or self._high:
            size = int(np.prod(self.info.features[self.action].get("shape") or 1))
            return scale_between(self._low, self._high, size)
        files = sorted({self.folder.data(one) for one in self.entries})
        columns = (read_parquet(path, [self.action]) for path in files)
        every = (self._numbers(one, self.action) for one in columns)
        return scale_of(self.info.root, self.action, every)

    def read(self, entry: Entry) -> Episode:
        """An episode of T frames: arrays [T + 1, ...] by key, the first row being the reset.

        ``image`` uint8 [T + 1, size, size, 3], ``action`` float32 [T + 1, A] in [-1, 1],
        ``reward`` float32 [T + 1], ``is_first``, ``is_last`` and ``is_terminal`` bool [T + 1].
        Reward is 0 where the dataset has none.

        Raises:
            DamagedError: its files cannot be read, or do not fit each other.
        """
        try:
            return self._read(entry)
        except DamagedError as error:
            message = f"{self.info.root}, episode {entry.index}: {error.message}"
            raise DamagedError(message, error.hint) from error

    def _read(self, entry: Entry) -> Episode:
        wanted = [self.action, REWARD, SUCCESS, DONE]
        columns = read_parquet(self.folder.data(entry), wanted, entry.index)
        action_TA = self.scale(self._numbers(columns, self.action))
        frames_THWC = self._frames(entry)
        if not len(action_TA) == len(frames_THWC) == entry.length:
            counts = f"{len(action_TA)} rows and {len(frames_THWC)} frames"
            raise DamagedError(f"episode {entry.index} of {entry.length} steps has {counts}")
        earned = REWARD in columns
        reward_T = self._numbers(columns, REWARD)[:, 0] if earned else np.zeros(entry.length)
        scores = {"success": _score(columns)} if SUCCESS in columns else {}
        rows = to_rows(frames_THWC, action_TA, reward_T, self._is_terminal(columns))
        return Episode(0, entry.index, rows, scores)

    def _numbers(self, columns: Columns, key: str) -> np.ndarray:
        return numbers(columns, key, self.info.features.get(key, {}).get("shape"))

    def _is_terminal(self, columns: Columns) -> bool:
        key = f"next.{self.terminal}"
        return key in columns and bool(numbers(columns, key)[-1, 0])

    def _frames(self, entry: Entry) -> np.ndarray:
        at = self.folder.span(entry, self.camera)
        if at is None:
            raise DamagedError(f"{self.camera} did not film episode {entry.index}")
        key = key_of(self.info, self.camera, entry.index)
        dataset = LeRobot("", 1.0, "refuse", self.camera, 0.0)
        return dataset.decode(EpisodeVideo.of(key, entry, at), self.size)

    def __iter__(self) -> Iterator[Episode]:
        return map(self.read, self.entries)


def load_episodes(root: str | Path, **settings: Any) -> Iterator[Episode]:
    """Read every episode of a dataset; arguments and errors as those of :class:`EpisodeReader`."""
    return iter(EpisodeReader(root, **settings))


def to_rows(
    frames_THWC: np.ndarray, action_TA: np.ndarray, reward_T: np.ndarray, terminal: bool
) -> dict[str, np.ndarray]:
    """Rows of a replay [T + 1, ...] of what was seen, then done, then earned [T, ...]."""
    step = np.arange(len(frames_THWC) + 1)
    is_last = step == step[-1]
    return {
        "image": np.concatenate([frames_THWC, frames_THWC[-1:]]),
        "action": np.concatenate([np.zeros_like(action_TA[:1]), action_TA]),
        "reward": np.concatenate([[0.0], reward_T]).astype(np.float32),
        "is_first": step == 0,
        "is_last": is_last,
        "is_terminal": is_last & terminal,
    }


def numbers(columns: Columns, key: str, shape: Sequence[int] | None = None) -> np.ndarray:
    """A column as numbers [T, A]; one number a row gives A = 1.

    Args:
        columns: by name.
        key: which of them.
        shape: of a row, as the dataset declares it; None for that of the first one.

    Raises:
        DamagedError: it is not there, or its rows are not finite numbers of that shape.
    """
    if key not in columns:
        raise DamagedError(f"its column {key} is not there")
    rows = columns[key]
    if not rows:
        return np.zeros((0, 1))
    single = not any(isinstance(row, list) for row in rows)
    declared = tuple(np.shape(rows[0]) if shape is None else shape)
    if single and math.prod(declared) == 1:
        declared = ()
    try:
        values = Declared((len(rows), *declared), np.float64).fit(rows)
    except Misfit as error:
        raise DamagedError(f"its column {key} {error}", error.hint) from error
    return values.reshape(len(rows), -1)


def _score(columns: Columns) -> float:
    return float(numbers(columns, SUCCESS).max(initial=0.0))
