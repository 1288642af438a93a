"""Settings of optimizers. Light: nothing here imports torch."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting


@attrs.frozen
class OptimizerConfig:
    """What every optimizer has: which parameters, how fast, how gradients are clipped.

    The config of a component of kind ``optimizer`` derives from it.
    """

    parameters: str = setting(
        "*", help='which: "encoder, dynamics.cell" by where names begin; "*": those left over'
    )
    lr: float = setting(3e-4, help="learning rate", minimum=0.0, maximum=limits.MAGNITUDE)
    clip: float = setting(
        100.0,
        help="largest norm of all gradients together; 0: unlimited",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    clip_each: float = setting(
        0.0,
        help="largest gradient of a tensor in proportion to the tensor (AGC); 0: unlimited",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    hold: int = setting(
        0, help="first updates during which parameters stay put", minimum=0, maximum=limits.STEPS
    )
    warmup: int = setting(
        0,
        help="updates after the hold in which the rate rises from 0",
        minimum=0,
        maximum=limits.STEPS,
    )


@attrs.frozen
class AdamConfig(OptimizerConfig):
    """Adam with L2 weight decay, or AdamW with decoupled decay."""

    eps: float = setting(
        1e-5, help="added to the root of the second moment", minimum=0.0, maximum=limits.MAGNITUDE
    )
    weight_decay: float = setting(
        1e-6, help="pull towards zero, on every parameter", minimum=0.0, maximum=limits.MAGNITUDE
    )


@attrs.frozen
class LaPropConfig(OptimizerConfig):
    """Momentum after scaling by the root of the mean square (Ziyin et al. 2020)."""

    lr: float = setting(4e-5, help="learning rate", minimum=0.0, maximum=limits.MAGNITUDE)
    clip: float = setting(
        0.0,
        help="largest norm of all gradients together; 0: unlimited",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    clip_each: float = setting(
        0.3,
        help="largest gradient of a tensor in proportion to the tensor (AGC); 0: unlimited",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    eps: float = setting(
        1e-20, help="added to the root of the second moment", minimum=0.0, maximum=limits.MAGNITUDE
    )
    weight_decay: float = setting(
        0.0,
        help="pull towards zero, on tensors of two dimensions or more",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    beta1: float = setting(0.9, help="of the momentum", minimum=0.0, maximum=0.999999)
    beta2: float = setting(0.999, help="of the second moment", minimum=0.0, maximum=0.999999)
