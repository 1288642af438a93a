"""Episodes whose every row tells where it comes from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from wmframe.types import Episode

MakeEpisode = Callable[..., Episode]


@pytest.fixture
def make_episode() -> MakeEpisode:
    """Make an episode of ``length`` rows; ``row`` counts them, ``image`` and ``id`` say whose."""

    def make(number: int, length: int = 10, worker: int = 0, salt: int = 0) -> Episode:
        row = np.arange(length)
        data = {
            "image": np.broadcast_to((row + number)[:, None, None, None], (length, 4, 4, 3)).astype(
                "u1"
            ),
            "action": np.full((length, 2), salt, np.float32),
            "reward": row.astype(np.float32),
            "id": np.full(length, number, np.int64),
            "row": row.astype(np.int32),
            "is_first": row == 0,
            "is_last": row == length - 1,
            "is_terminal": np.zeros(length, bool),
        }
        return Episode(worker, number, data, {"success": number % 2})

    return make
