"""Settings of the layers that are components. Light: nothing here imports torch."""

from __future__ import annotations

from typing import Any

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe.nn.choices import STD_ACTIVATIONS, init_setting


def scale_setting(default: float) -> Any:
    """Declare a setting for the scale of a last layer's initial weights."""
    return setting(
        default, help="scale of the initial weights", minimum=0.0, maximum=limits.MAGNITUDE
    )


def unimix_setting(default: float = 0.0) -> Any:
    """Declare a setting for a share of uniform probabilities in those of classes."""
    return setting(default, help="share of uniform probabilities", minimum=0.0, maximum=1.0)


@attrs.frozen
class TruncNormalConfig:
    """Settings of :class:`wmframe.nn.outputs.TruncNormalOutput`."""

    min_std: float = setting(
        0.1, help="least scale of the truncated normal", minimum=0.0, maximum=limits.MAGNITUDE
    )


@attrs.frozen
class BinaryConfig:
    """Settings of :class:`wmframe.nn.outputs.BinaryOutput`."""

    init: str = init_setting()


@attrs.frozen
class OneHotConfig:
    """Settings of :class:`wmframe.nn.outputs.OneHotOutput`."""

    init: str = init_setting()
    scale: float = scale_setting(1.0)
    unimix: float = unimix_setting()


@attrs.frozen
class TwoHotConfig:
    """Settings of :class:`wmframe.nn.number_outputs.TwoHotOutput`."""

    bins: int = setting(
        255,
        help="number of bins whose probabilities are learned, odd",
        minimum=3,
        maximum=limits.UNITS,
    )
    scale: float = scale_setting(0.0)

    def __attrs_post_init__(self) -> None:
        if self.bins % 2 == 0:
            raise ValueError(f"bins is {self.bins}; one of them is 0, so they are odd in number")


@attrs.frozen
class NormalConfig:
    """Settings of :class:`wmframe.nn.number_outputs.NormalOutput`."""

    min_std: float = setting(0.1, help="least deviation", minimum=1e-6, maximum=limits.MAGNITUDE)
    max_std: float = setting(1.0, help="largest one", minimum=1e-6, maximum=limits.MAGNITUDE)
    scale: float = scale_setting(0.01)

    def __attrs_post_init__(self) -> None:
        if self.max_std < self.min_std:
            raise ValueError(f"max_std is {self.max_std}, below min_std, which is {self.min_std}")


@attrs.frozen
class CategoricalConfig:
    """Settings of :class:`wmframe.nn.latents.CategoricalLatent`."""

    stoch: int = setting(32, help="one-hot vectors (S)", minimum=1, maximum=limits.UNITS)
    discrete: int = setting(32, help="classes of each (D)", minimum=2, maximum=limits.UNITS)
    unimix: float = unimix_setting()


@attrs.frozen
class GaussianConfig:
    """Settings of :class:`wmframe.nn.latents.GaussianLatent`."""

    stoch: int = setting(32, help="normals (S)", minimum=1, maximum=limits.UNITS)
    std_act: str = setting("sigmoid2", help="makes deviations positive", choices=STD_ACTIVATIONS)
    min_std: float = setting(
        0.1, help="added to a deviation", minimum=0.0, maximum=limits.MAGNITUDE
    )
