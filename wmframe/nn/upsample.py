"""Transposed convolutions on a CPU, where two things about oneDNN's are slow.

One that ends in few channels, as those do that make images, takes three times as long as the same
arithmetic as a plain convolution: every second pixel of the output is one that sees every second
entry of the kernel, so that four times the channels at half the size, shuffled, are the output.
And the gradient of a bias, which is a sum, takes longer than both others.

Letters: N images, C channels that go in, O that come out, K kernel size.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from wmframe.nn.cpu.switch import enabled
from wmframe.training.precision import lower, lowered

FEW: Final = 4
"""Channels that come out, up to which shuffling is faster, in float32."""


class ConvTranspose2d(nn.ConvTranspose2d):
    """torch's of stride 2, and the same to rounding.

    Args:
        in_channels: C.
        out_channels: O.
        kernel_size: K.
        padding: what is cut off at each side.
        output_padding: what of that is left at the far sides.
    """

    bias: nn.Parameter

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        padding: int = 0,
        output_padding: int = 0,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, 2, padding, output_padding)

    def forward(self, x_NCHW: Tensor, output_size: list[int] | None = None) -> Tensor:
        """[N, C, H, W] to [N, O, 2 H + K - 2, 2 W + K - 2] without padding; no ``output_size``."""
        if x_NCHW.device.type != "cpu" or not enabled("bias_sum"):
            return super().forward(x_NCHW, output_size)
        fits = self.out_channels <= FEW and self.kernel_size[0] % 2 == 0 and self.padding == (0, 0)
        shuffles = enabled("shuffle") and fits and lowered(x_NCHW) != torch.bfloat16
        parts = lower(x_NCHW), lower(self.weight), lower(self.bias)
        sides = self.padding, self.output_padding
        out: Tensor = _Transposed.apply(*parts, sides, shuffles)  # type: ignore[no-untyped-call]
        return out


class _Transposed(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight_COKK: Tensor,
        bias_O: Tensor,
        sides: tuple[tuple[int, ...], tuple[int, ...]],
        shuffles: bool,
    ) -> Tensor:
        ctx.save_for_backward(x, weight_COKK)
        ctx.sides = sides
        if shuffles:
            return _shuffled(x, weight_COKK, bias_O)
        return functional.conv_transpose2d(x, weight_COKK, bias_O, 2, *sides)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        (near, far), (of_x, of_weight, of_bias) = ctx.sides, ctx.needs_input_grad[:3]
        shape = None, (2, 2), near, (1, 1), True, far, 1, (of_x, of_weight, False)
        grads = torch.ops.aten.convolution_backward(grad, x, weight, *shape)
        return grads[0], grads[1], _sum(grad) if of_bias else None, None, None


def _sum(grad_NOHW: Tensor) -> Tensor:
    """Over all but the channels, by rows of pixels that lie side by side."""
    channels = grad_NOHW.shape[1]
    rows = grad_NOHW.permute(0, 2, 3, 1).reshape(-1, grad_NOHW.shape[3] * channels)
    return rows.sum(0).view(-1, channels).sum(0)


def _shuffled(x: Tensor, weight_COKK: Tensor, bias_O: Tensor) -> Tensor:
    half = weight_COKK.shape[-1] // 2
    quarters = _quarters(weight_COKK, half)
    bias = bias_O.repeat_interleave(4)
    return functional.pixel_shuffle(functional.conv2d(x, quarters, bias, padding=half - 1), 2)


def _quarters(weight_COKK: Tensor, half: int) -> Tensor:
    """What each of four pixels sees of the kernel: [4 O, C, K / 2, K / 2]."""
    channels, out = weight_COKK.shape[:2]
    split = weight_COKK.view(channels, out, half, 2, half, 2).flip(2, 4)
    return split.permute(1, 3, 5, 0, 2, 4).reshape(4 * out, channels, half, half)
