"""Settings that learners share. Light: nothing here imports torch."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting


@attrs.frozen
class OptimizerConfig:
    """Adam over one set of parameters, its gradient clipped by their joint norm."""

    kind: str = setting(
        "adam", help="adam: L2 weight decay; adamw: decoupled", choices=("adam", "adamw")
    )
    lr: float = setting(3e-4, help="learning rate", minimum=0.0, maximum=limits.MAGNITUDE)
    eps: float = setting(
        1e-5, help="added to the root of the second moment", minimum=0.0, maximum=limits.MAGNITUDE
    )
    clip: float = setting(
        100.0, help="largest gradient norm; 0: unlimited", minimum=0.0, maximum=limits.MAGNITUDE
    )
    weight_decay: float = setting(
        1e-6, help="pull towards zero, on every parameter", minimum=0.0, maximum=limits.MAGNITUDE
    )
    hold: int = setting(
        0, help="first updates during which parameters stay put", minimum=0, maximum=limits.STEPS
    )
