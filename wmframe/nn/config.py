"""Settings of the layers that are components. Light: nothing here imports torch."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe.nn.choices import STD_ACTIVATIONS


@attrs.frozen
class TruncNormalConfig:
    """Settings of :class:`wmframe.nn.outputs.TruncNormalOutput`."""

    min_std: float = setting(
        0.1, help="least scale of the truncated normal", minimum=0.0, maximum=limits.MAGNITUDE
    )


@attrs.frozen
class CategoricalConfig:
    """Settings of :class:`wmframe.nn.latents.CategoricalLatent`."""

    stoch: int = setting(32, help="one-hot vectors (S)", minimum=1, maximum=limits.UNITS)
    discrete: int = setting(32, help="classes of each (D)", minimum=2, maximum=limits.UNITS)


@attrs.frozen
class GaussianConfig:
    """Settings of :class:`wmframe.nn.latents.GaussianLatent`."""

    stoch: int = setting(32, help="normals (S)", minimum=1, maximum=limits.UNITS)
    std_act: str = setting("sigmoid2", help="makes deviations positive", choices=STD_ACTIVATIONS)
    min_std: float = setting(
        0.1, help="added to a deviation", minimum=0.0, maximum=limits.MAGNITUDE
    )
