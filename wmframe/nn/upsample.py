"""Transposed convolutions that end in few channels, as those do that make images.

oneDNN takes three times as long for them as for the same arithmetic as a plain convolution: every
second pixel of the output is one that sees every second entry of the kernel, so that four times
the channels at half the size, shuffled, are the output.

Letters: N images, C channels that go in, O that come out, K kernel size.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

FEW: Final = 4
"""Channels that come out, up to which it is faster."""


class ConvTranspose2d(nn.ConvTranspose2d):
    """torch's of stride 2 without padding, and the same to rounding.

    Args:
        in_channels: C.
        out_channels: O.
        kernel_size: K.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride=2)

    def forward(self, x_NCHW: Tensor, output_size: list[int] | None = None) -> Tensor:
        """[N, C, H, W] to [N, O, 2 H + K - 2, 2 W + K - 2]; no other ``output_size``."""
        few = self.out_channels <= FEW and self.kernel_size[0] % 2 == 0
        if not few or x_NCHW.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
            return super().forward(x_NCHW, output_size)
        out: Tensor = _Shuffled.apply(x_NCHW, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return out


class _Shuffled(torch.autograd.Function):
    """The backward pass is torch's own, which is the faster one."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight_COKK: Tensor, bias_O: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight_COKK)
        half = weight_COKK.shape[-1] // 2
        quarters = _quarters(weight_COKK, half)
        bias = bias_O.repeat_interleave(4)
        return functional.pixel_shuffle(functional.conv2d(x, quarters, bias, padding=half - 1), 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        shape = [weight.shape[1]], (2, 2), (0, 0), (1, 1), True, (0, 0), 1, ctx.needs_input_grad
        grads: tuple[Tensor | None, ...] = torch.ops.aten.convolution_backward(
            grad, x, weight, *shape
        )
        return grads


def _quarters(weight_COKK: Tensor, half: int) -> Tensor:
    """What each of four pixels sees of the kernel: [4 O, C, K / 2, K / 2]."""
    channels, out = weight_COKK.shape[:2]
    split = weight_COKK.view(channels, out, half, 2, half, 2).flip(2, 4)
    return split.permute(1, 3, 5, 0, 2, 4).reshape(4 * out, channels, half, half)
