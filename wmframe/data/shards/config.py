"""Settings that every video dataset has."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting


@attrs.frozen(kw_only=True)
class PackedConfig:
    """Location and use of a dataset's packed shards; datasets add their own settings."""

    path: str = setting("", help="folder of the packed shards, with one folder per split")
    weight: float = setting(
        1.0,
        help="sampling weight relative to other datasets",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    damaged: str = setting(
        "refuse",
        help="shards and clips that cannot be read: stop, or sample others",
        choices=("refuse", "skip"),
    )
