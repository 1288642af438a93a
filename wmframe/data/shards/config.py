"""Settings that every video dataset has."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting


@attrs.frozen(kw_only=True)
class PackedConfig:
    """Where a dataset's packed shards are and how they are used; datasets add their own."""

    path: str = setting("", help="folder of the packed shards, with one folder a split in it")
    weight: float = setting(
        1.0,
        help="how often a clip is drawn from it, relative to the others",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    damaged: str = setting(
        "refuse",
        help="shards and clips that cannot be read: stop, or draw others",
        choices=("refuse", "skip"),
    )
