"""Batch norm, ReLU and convolution as one function, which keeps the norm's input alone.

What lies between them is as large, and costs less to make again in the backward pass than to keep.
"""

from __future__ import annotations

from typing import Any, Final, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.nn.batch_norm import BatchNorm2d
from wmframe.nn.cpu.switch import enabled
from wmframe.nn.narrow import normalize, normalize_backward, normalize_by
from wmframe.parallel.world import size

LARGE: Final = 2**23
"""Bytes of maps from which memory matters more than the time to make them again."""


def norm_relu_conv(x_NCHW: Tensor, norm: nn.Module, conv: nn.Module) -> Tensor:
    """``conv(relu(norm(x)))``.

    Args:
        x_NCHW: the norm's input.
        norm: any norm of maps; batch norm that learns on the CPU takes the frugal way.
        conv: a convolution without bias.
    """
    if isinstance(conv, nn.Conv2d) and _frugal(norm, x_NCHW):
        inputs = x_NCHW, norm.weight, norm.bias, conv.weight, norm, conv.padding
        out: Tensor = _NormReluConv.apply(*inputs)  # type: ignore[no-untyped-call]
    else:
        out = conv(functional.relu_(norm(x_NCHW)))
    return out


def _frugal(norm: nn.Module, x_NCHW: Tensor) -> TypeGuard[BatchNorm2d]:
    large = x_NCHW.device.type == "cpu" and x_NCHW.nbytes > LARGE and size() == 1
    return (
        enabled("norm_conv")
        and large
        and torch.is_grad_enabled()
        and isinstance(norm, BatchNorm2d)
        and norm.training
    )


class _NormReluConv(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        scale_C: Tensor,
        shift_C: Tensor,
        kernel: Tensor,
        norm: BatchNorm2d,
        padding: tuple[int, ...],
    ) -> Tensor:
        running = norm.running_mean, norm.running_var
        z, mean_C, inverse_C = normalize(x, scale_C, shift_C, running, norm.pace(), norm.eps)
        ctx.save_for_backward(x, scale_C, shift_C, kernel, mean_C, inverse_C)
        ctx.padding = padding
        return functional.conv2d(z.relu_(), kernel, padding=padding)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, scale_C, shift_C, kernel, mean_C, inverse_C = ctx.saved_tensors
        z = normalize_by(x, scale_C, shift_C, mean_C, inverse_C).relu_()
        aten = torch.ops.aten
        grad_z, grad_kernel, _ = aten.convolution_backward(
            grad,
            z,
            kernel.to(z.dtype),  # as autocast had it
            None,
            (1, 1),
            ctx.padding,
            (1, 1),
            False,
            (0, 0),
            1,
            (True, True, False),
        )
        aten.threshold_backward.grad_input(grad_z, z, 0, grad_input=grad_z)
        del z
        grads = normalize_backward(grad_z, x, scale_C, mean_C, inverse_C)
        return *grads, grad_kernel, None, None
