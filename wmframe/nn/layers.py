"""Small pieces that every network here is made of: initialization, activations and norms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.errors import UsageError, WmframeError
from wmframe.nn.batch_norm import BatchNorm2d
from wmframe.nn.choices import ACTIVATIONS, IMAGE_NORMS, NORMS, find_named
from wmframe.nn.rms_norm import RMSNorm

Activation = Callable[[Tensor], Tensor]
Layer = TypeVar("Layer", nn.Linear, nn.Conv2d, nn.ConvTranspose2d)

LAYER_NORM_EPS: Final = 1e-3  # TensorFlow's default, which the Dreamer family was tuned with
GROUPS: Final = 8

CUT: Final = 1.1368
"""A normal cut at two deviations is this much narrower; multiplying by it undoes that."""


def xavier(layer: Layer) -> Layer:
    """Give a layer Xavier-uniform weights and zero bias, and return it."""
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def lecun(layer: Layer, scale: float = 1.0) -> Layer:
    """Give a layer normal weights of deviation ``scale / sqrt(fan-in)``, cut at two deviations, and
    zero bias, and return it (Hafner et al. 2023).
    """
    truncated_normal_(layer.weight, layer.weight[0].numel(), scale)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def truncated_normal_(weight: Tensor, fan_in: int, scale: float = 1.0) -> None:
    """Normal of deviation ``scale / sqrt(fan_in)``, cut at two deviations."""
    std = CUT * scale / math.sqrt(fan_in)
    if std:
        nn.init.trunc_normal_(weight, 0.0, std, -2 * std, 2 * std)
    else:
        nn.init.zeros_(weight)


def initialized(layer: Layer, init: str, scale: float = 1.0) -> Layer:
    """Give a layer the initial weights of this name, times ``scale``, and return it."""
    if init == "lecun":
        return lecun(layer, scale)
    with torch.no_grad():
        xavier(layer).weight.mul_(scale)
    return layer


def activation(name: str) -> Activation:
    """The element-wise function of this name; it leaves its input alone.

    Raises:
        UsageError: no such activation.
    """
    function: Activation
    if name in ACTIVATIONS:
        function = getattr(functional, name)
    else:
        function = _named("activation", name, ACTIVATIONS)
    return function


def dense_norm(name: str, shape: int | Sequence[int]) -> nn.Module:
    """A norm over the last dimensions: ``none``, ``layer``, ``rms`` (over one), or what is named.

    Args:
        name: one of these.
        shape: their size.

    Raises:
        UsageError: no such norm.
    """
    if name == "none":
        return nn.Identity()
    if name == "rms":
        return RMSNorm(shape)
    if name != "layer":
        return _module(_named("norm", name, NORMS)(shape))
    return nn.LayerNorm(shape if isinstance(shape, int) else list(shape), eps=LAYER_NORM_EPS)


def image_norm(name: str, channels: int) -> nn.Module:
    """A norm of feature maps [N, C, H, W] with an affine map for each channel.

    ``batch``, ``group`` (8 groups, or as many of them as divide the channels), ``layer`` (one
    group), ``none``, or what is named.

    Raises:
        UsageError: no such norm.
    """
    if name == "none":
        return nn.Identity()
    if name not in IMAGE_NORMS:
        return _module(_named("image_norm", name, IMAGE_NORMS)(channels))
    if name == "batch":
        return BatchNorm2d(channels)
    groups = 1 if name == "layer" else math.gcd(GROUPS, channels)
    return nn.GroupNorm(groups, channels, eps=LAYER_NORM_EPS)


def channels_last(image_NCHW: Tensor) -> Tensor:
    """The same maps with channels lying side by side in memory: faster to convolve."""
    return image_NCHW.contiguous(memory_format=torch.channels_last)


def _named(kind: str, name: str, short: Sequence[str]) -> Any:
    try:
        return find_named(kind, name)
    except WmframeError as error:
        known = ", ".join(short)
        hint = f"one of: {known}; or a component, or module:attribute"
        raise UsageError(f"unknown {kind} {name!r}: {error.message}", hint) from error


def _module(made: Any) -> nn.Module:
    if not isinstance(made, nn.Module):
        raise UsageError(f"a norm is a torch module, not {made!r}", "name a class of modules")
    return made
