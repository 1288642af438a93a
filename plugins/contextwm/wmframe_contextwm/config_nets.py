"""Settings of the contextual networks; the defaults are the published ones for 64x64 pixels."""

from __future__ import annotations

from typing import Final

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe.models.config_nets import ResNetConfig

FRAMES: Final = ("random", "first", "last")
AUGMENTATIONS: Final = ("none", "shift", "shift4", "flip", "scale", "erasing")


@attrs.frozen
class ContextEncoderConfig(ResNetConfig):
    """Settings of :class:`wmframe_contextwm.encoder.ContextEncoder`."""

    context_layers: int = setting(
        2,
        help="residual layers at each resolution of the context branch",
        minimum=1,
        maximum=limits.LAYERS,
    )
    frame: str = setting("random", help="which frame of a clip is its context", choices=FRAMES)
    augmentation: str = setting(
        "none", help="change to the context frame in training", choices=AUGMENTATIONS
    )


@attrs.frozen
class ContextDecoderConfig(ResNetConfig):
    """Settings of :class:`wmframe_contextwm.decoder.ContextDecoder`."""

    heads: int = setting(4, help="heads of the cross attention", minimum=1, maximum=limits.CHANNELS)
    mask: float = setting(
        0.75, help="share of the context hidden from each frame", minimum=0.0, maximum=1.0
    )
    mask_warmup: int = setting(
        0,
        help="training steps in which that share falls from 1; 0: none",
        minimum=0,
        maximum=limits.STEPS,
    )
    mask_in_eval: bool = setting(
        False, help="hide context in evaluation too, as the ContextWM code does"
    )
    dropout: float = setting(
        0.1, help="of attention weights and of what they give", minimum=0.0, maximum=1.0
    )
