"""Batch norm of maps with few channels, on a CPU.

torch's kernels take sixteen channels at once, and what is left of them one by one, so that 8 take
twice as long as 16. Here k neighbouring pixels of C channels are taken for one of k C. A channel's
statistics are then those of its k shares together, and scale and shift repeat k times.

Letters: N images, C channels, K = k C channels of k pixels.
"""

from __future__ import annotations

import math
from typing import Any, Final

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from wmframe.nn.cpu.switch import enabled

LANES: Final = 16
"""Channels that torch's kernels take at once."""

ENOUGH: Final = 64
"""Channels from which more are no faster."""

LARGE: Final = 2**17
"""Entries of maps from which it matters."""


class Normalize(torch.autograd.Function):
    """:func:`normalize` with its gradients."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        scale_C: Tensor,
        shift_C: Tensor,
        running: tuple[Tensor, Tensor],
        pace: float,
        eps: float,
    ) -> Tensor:
        """[N, C, H, W] to the same shape."""
        out, mean_C, inverse_C = normalize(x, scale_C, shift_C, running, pace, eps)
        ctx.save_for_backward(x, scale_C, mean_C, inverse_C)
        return out.data  # no view, for what comes next may write over it

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the maps, of scale and of shift."""
        return *normalize_backward(grad, *ctx.saved_tensors), None, None, None


def side_by_side(x_NCHW: Tensor) -> int:
    """How many pixels are best taken together: k, or 1 for torch's own kernels."""
    channels, pixels = x_NCHW.shape[1], math.prod(x_NCHW.shape[2:])
    few = channels % LANES and channels < ENOUGH and x_NCHW.numel() >= LARGE
    if not few or not enabled("narrow") or x_NCHW.device.type != "cpu":
        return 1
    together = LANES // math.gcd(channels, LANES)
    while together * channels < ENOUGH:
        together *= 2
    fits = x_NCHW.is_contiguous(memory_format=torch.channels_last) and pixels % together == 0
    return together if fits else 1


def normalize(
    x: Tensor,
    scale_C: Tensor,
    shift_C: Tensor,
    running: tuple[Tensor, Tensor],
    pace: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Batch norm that learns, without gradients.

    Args:
        x: [N, C, H, W].
        scale_C: factor of the normalized maps.
        shift_C: what is added to them.
        running: mean and variance [C] that follow those of the batch.
        pace: how fast they do, from 0 to 1.
        eps: added to the variance.

    Returns:
        maps [N, C, H, W]; mean and inverse standard deviation [C] of the batch.
    """
    k = side_by_side(x)
    if k == 1:
        return torch.native_batch_norm(x, scale_C, shift_C, *running, True, pace, eps)
    mean_C, var_C = _moments(x, k, running[0].dtype)
    entries = x[:, 0].numel()
    running[0].lerp_(mean_C, pace)
    running[1].lerp_(var_C * (entries / (entries - 1)), pace)
    inverse_C = (var_C + eps).rsqrt()
    return normalize_by(x, scale_C, shift_C, mean_C, inverse_C), mean_C, inverse_C


def normalize_by(
    x: Tensor, scale_C: Tensor, shift_C: Tensor, mean_C: Tensor, inverse_C: Tensor
) -> Tensor:
    """What :func:`normalize` gives, with statistics that it gave before."""
    factor_C = scale_C * inverse_C
    return _line(x, factor_C, shift_C - mean_C * factor_C)


def normalize_backward(
    grad: Tensor, x: Tensor, scale_C: Tensor, mean_C: Tensor, inverse_C: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of :func:`normalize` from that of its maps (Ioffe and Szegedy 2015, section 3).

    Args:
        grad: [N, C, H, W].
        x: what was normalized.
        scale_C: as there.
        mean_C: of the batch.
        inverse_C: inverse standard deviation of the batch.

    Returns:
        gradients of the maps [N, C, H, W], of scale and of shift [C].
    """
    k, entries = side_by_side(x), x[:, 0].numel()
    if k == 1 or side_by_side(grad) == 1:
        return _native_backward((True, True, True), grad, x, scale_C, mean_C, inverse_C)
    maps = _together(grad, k), _together(x, k)
    repeated = [part.repeat(k) for part in (scale_C, mean_C, inverse_C)]
    _, *shares = _native_backward((False, True, True), *maps, *repeated)
    of_scale_C, of_shift_C = (share.view(k, -1).sum(0) for share in shares)
    # that of an entry is a sum of three: some of its own, some of itself, and a constant
    factor_C = scale_C * inverse_C
    slope_C = -factor_C * inverse_C * of_scale_C / entries
    of_x = _line(x, slope_C, -factor_C * of_shift_C / entries - mean_C * slope_C)
    of_x += _line(grad, factor_C, torch.zeros_like(factor_C))
    return of_x, of_scale_C, of_shift_C


def _native_backward(
    wanted: tuple[bool, bool, bool],
    grad: Tensor,
    x: Tensor,
    scale: Tensor,
    mean: Tensor,
    inverse: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    found: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.native_batch_norm_backward(
        grad, x, scale, None, None, mean, inverse, True, 0.0, wanted
    )
    return found


def _together(x_NCHW: Tensor, k: int) -> Tensor:
    """A view of k pixels as one: [N, K, H W / k, 1]."""
    images, channels = x_NCHW.shape[:2]
    return x_NCHW.permute(0, 2, 3, 1).view(images, -1, 1, k * channels).permute(0, 3, 1, 2)


def _apart(x_NKHW: Tensor, like_NCHW: Tensor) -> Tensor:
    images, channels, *sides = like_NCHW.shape
    return x_NKHW.permute(0, 2, 3, 1).view(images, *sides, channels).permute(0, 3, 1, 2)


def _moments(x: Tensor, k: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Mean and variance of each channel, [C]."""
    running_K = x.new_zeros(k * x.shape[1], dtype=dtype)  # stays, and tells the dtype
    shares = torch.batch_norm_update_stats(_together(x, k), running_K, running_K, 0.0)
    mean_kC, var_kC = (share.view(k, -1) for share in shares)
    return mean_kC.mean(0), var_kC.mean(0) + mean_kC.var(0, correction=0)


def _line(x: Tensor, slope_C: Tensor, shift_C: Tensor) -> Tensor:
    """``x * slope + shift``, rounded once."""
    k = side_by_side(x)
    wide = _together(x, k) if k > 1 else x
    parts = torch.zeros_like(slope_C), torch.ones_like(slope_C), slope_C, shift_C
    mean, var, weight, bias = (part.repeat(k) for part in parts)
    out = functional.batch_norm(wide, mean, var, weight, bias, eps=0.0)
    return _apart(out, x) if k > 1 else out
