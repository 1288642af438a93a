"""Settings of the RLBench episodes."""

from __future__ import annotations

import attrs

from wmframe.config import setting
from wmframe.data.shards.config import PackedConfig


@attrs.frozen(kw_only=True)
class RLBenchConfig(PackedConfig):
    """How episodes are divided where the publisher did not."""

    held_out: float = setting(
        0.1,
        help="part of train_episodes that is val, by a hash, if eval_episodes is not there",
        minimum=0.0,
        maximum=1.0,
    )
