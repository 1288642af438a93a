"""Settings of networks for observations; the defaults are published ones for 64x64 pixels.

Light: nothing here imports torch.
"""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import regular_expression, setting
from wmframe.nn.choices import act_setting, image_norm_setting, norm_setting


@attrs.frozen
class ObservationConfig:
    """What encoders and decoders share: which observations they deal with, and the vectors' MLP."""

    image_keys: str = setting(
        "image", help="regular expression: image observations", normalize=regular_expression
    )
    vector_keys: str = setting(
        "$^",
        help="regular expression: vector observations; $^ for none",
        normalize=regular_expression,
    )
    vector_layers: tuple[int, ...] = setting(
        (400, 400, 400, 400), help="widths of the vectors' MLP", minimum=1, maximum=limits.UNITS
    )
    act: str = act_setting("elu")
    norm: str = norm_setting("none", "norm of plain and dense layers")
    depth: int = setting(
        48, help="channels of the widest resolution", minimum=1, maximum=limits.CHANNELS
    )


@attrs.frozen
class ResNetConfig(ObservationConfig):
    """Settings of the ResNet encoder and decoder (Seo et al. 2022, appendix)."""

    res_depth: int = setting(3, help="resolutions", minimum=1, maximum=16)
    res_layers: int = setting(
        2, help="residual layers at each resolution", minimum=1, maximum=limits.LAYERS
    )
    res_norm: str = image_norm_setting("batch", "norm of the residual layers")
    activation_checkpointing: bool = setting(
        False, help="recompute residual layers in backward: slower, takes less memory"
    )
