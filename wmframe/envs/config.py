"""Settings of the stand-in benchmark. Light: nothing here imports torch."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting


@attrs.frozen
class BlankConfig:
    """An environment that takes no time: noise images and meaningless rewards."""

    size: int = setting(
        64, help="side of the image in pixels; 0: none", minimum=0, maximum=limits.SIDE
    )
    vector: int = setting(
        0, help="length of a vector that is observed as well", minimum=0, maximum=limits.UNITS
    )
    actions: int = setting(
        4, help="dimensions of an action, or choices", minimum=1, maximum=limits.UNITS
    )
    discrete: bool = setting(False, help="one discrete action with this many choices")
    action_repeat: int = setting(1, help="frames per decision", minimum=1, maximum=limits.STEPS)
    time_limit: int = setting(500, help="frames per episode", minimum=1, maximum=limits.STEPS)
