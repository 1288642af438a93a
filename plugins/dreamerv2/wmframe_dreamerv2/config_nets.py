"""Settings of the networks; the defaults are published ones for 64x64 pixels."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import Part, part, setting
from wmframe.models.config_nets import ObservationConfig
from wmframe.nn.choices import STD_ACTIVATIONS, act_setting, norm_setting


@attrs.frozen
class KLConfig:
    """How the KL between posterior and prior is pushed; see :func:`wmframe.nn.kl.balanced_kl`."""

    free: float = setting(
        0.0, help="nats that stay unpenalized", minimum=0.0, maximum=limits.MAGNITUDE
    )
    forward: bool = setting(False, help="use KL(prior || posterior)")
    balance: float = setting(
        0.8,
        help="share of the gradient that trains the prior; exactly 0.5 switches balancing off",
        minimum=0.0,
        maximum=1.0,
    )
    free_avg: bool = setting(True, help="compare the batch mean, not each step, with free")


@attrs.frozen
class RSSMConfig:
    """Settings of :class:`wmframe_dreamerv2.rssm.RSSM`."""

    ensemble: int = setting(
        1, help="prior heads; each step uses one at random", minimum=1, maximum=limits.LAYERS
    )
    hidden: int = setting(1024, help="units of each dense layer", minimum=1, maximum=limits.UNITS)
    deter: int = setting(1024, help="units of the recurrent state", minimum=1, maximum=limits.UNITS)
    stoch: int = setting(
        32, help="number of stochastic variables", minimum=1, maximum=limits.CHANNELS
    )
    discrete: int = setting(
        32, help="classes of each variable; 0 for Gaussian ones", minimum=0, maximum=limits.CHANNELS
    )
    latent: Part | None = part(
        "latent", optional=True, help="instead of what stoch, discrete, std_act and min_std say"
    )
    act: str = act_setting("elu")
    norm: str = norm_setting("none", "norm of the dense layers")
    std_act: str = setting(
        "sigmoid2", help="makes a Gaussian's std positive", choices=STD_ACTIVATIONS
    )
    min_std: float = setting(
        0.1, help="added to a Gaussian's std", minimum=0.0, maximum=limits.MAGNITUDE
    )
    action_free: bool = setting(False, help="ignore actions")
    fill_action: int | None = setting(
        None,
        help="pad actions with zeros to this width, so that tasks share weights",
        minimum=0,
        maximum=limits.UNITS,
    )
    kl: KLConfig = setting(KLConfig(), help="the KL loss")


@attrs.frozen
class CnnEncoderConfig(ObservationConfig):
    """Settings of :class:`wmframe_dreamerv2.encoders.CnnEncoder`."""

    kernels: tuple[int, ...] = setting(
        (4, 4, 4, 4), help="kernel sizes, strides are 2", minimum=1, maximum=limits.KERNEL
    )


@attrs.frozen
class CnnDecoderConfig(ObservationConfig):
    """Settings of :class:`wmframe_dreamerv2.decoders.CnnDecoder`."""

    kernels: tuple[int, ...] = setting(
        (5, 5, 6, 6), help="kernel sizes, strides are 2", minimum=1, maximum=limits.KERNEL
    )

    def __attrs_post_init__(self) -> None:
        if not self.kernels:
            raise ValueError("kernels is empty; a decoder has a layer at least")
