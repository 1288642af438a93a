"""Linear layers, and which of a CPU's libraries multiplies their matrices.

With many rows in float32 oneDNN takes up to a third less time than the BLAS that torch asks by
itself where the CPU has AVX-512, and more time than BLAS where it has not. A product of few rows
takes as long as reading the weight, which BLAS leaves to one thread; oneDNN shares it, and where
the weight is small its columns are shared here.

Letters: N and B rows, I and O lengths of what goes in and comes out.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from wmframe.nn.cpu.switch import enabled

FEW: Final = 16
"""Rows up to which BLAS does not share the work among threads well."""

CAST: Final = 64
"""Rows up to which casting a weight takes longer than what it saves."""

VERY_FEW: Final = 2
"""Rows up to which it is faster to multiply the weight by them than them by the weight."""

SMALL: Final = 2**15
"""Entries of a weight below which sharing the work costs more than it saves."""

LARGE: Final = 2**20
"""Entries of a weight from which oneDNN is fast with few rows too."""

WIDE: Final = torch.backends.cpu.get_cpu_capability() == "AVX512"
"""Whether oneDNN is the faster one with many rows."""


class Linear(nn.Linear):
    """torch's, computed by :func:`linear`."""

    def forward(self, x: Tensor) -> Tensor:
        """[..., I] to [..., O]."""
        return linear(x, self.weight, self.bias)


def linear(x: Tensor, weight_OI: Tensor, add: Tensor | None = None) -> Tensor:
    """``x @ weight.T + add``, torch's to rounding.

    Args:
        x: [..., I].
        weight_OI: any layout.
        add: a bias [O]; or, where ``x`` is [N, I], something for each row, [N, O].
    """
    if torch.is_grad_enabled():
        if _onednn_is_better(x, weight_OI):
            out: Tensor = _Linear.apply(x, weight_OI, add)  # type: ignore[no-untyped-call]
            return out
        if add is None or add.dim() == 1:
            return _plain(x, weight_OI, add)
        return torch.addmm(add, x, weight_OI.t())
    if x.dim() == 2:
        return product(x, weight_OI.t(), add)
    out_NO = product(x.reshape(-1, x.shape[-1]), weight_OI.t(), add)
    return out_NO.view(*x.shape[:-1], len(weight_OI))


def product(x_NI: Tensor, weight_IO: Tensor, add: Tensor | None = None) -> Tensor:
    """``x @ weight + add``, for where no gradient is asked for.

    Args:
        x_NI: rows.
        weight_IO: any layout.
        add: [O] or [N, O].
    """
    if _casting_is_dearer(x_NI, weight_IO):
        return _uncast(x_NI, weight_IO, add)
    return _product(x_NI, weight_IO, add)


def _product(x_NI: Tensor, weight_IO: Tensor, add: Tensor | None) -> Tensor:
    if _onednn_is_better(x_NI, weight_IO):
        return _onednn(x_NI, weight_IO.t(), add)
    (rows, _), columns = x_NI.shape, weight_IO.shape[1]
    parts = (
        torch.get_num_threads()
        if 0 < rows <= FEW and _blas_multiplies(x_NI) and enabled("few_rows")
        else 1
    )
    if parts > 1 and columns % parts == 0 and weight_IO.numel() >= SMALL:
        few = rows <= VERY_FEW and enabled("by_rows") and weight_IO.stride(0) == 1
        return (_by_rows if few else _by_columns)(x_NI, weight_IO, add, parts)
    return x_NI @ weight_IO if add is None else torch.addmm(add, x_NI, weight_IO)


def _blas_multiplies(x: Tensor) -> bool:
    return x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)  # else oneDNN


def _casting_is_dearer(x: Tensor, weight: Tensor) -> bool:
    return (
        torch.is_autocast_enabled("cpu")
        and enabled("uncast")
        and weight.dtype == torch.float32
        and x.shape[0] <= CAST
        and x.device.type == "cpu"
    )


def _uncast(x_NI: Tensor, weight_IO: Tensor, add: Tensor | None) -> Tensor:
    torch.set_autocast_enabled("cpu", False)  # a context costs as much as a small product
    try:
        return _product(x_NI.float(), weight_IO, None if add is None else add.float())
    finally:
        torch.set_autocast_enabled("cpu", True)


def _onednn_is_better(x: Tensor, weight: Tensor) -> bool:
    if x.dtype != torch.float32 or not enabled("many_rows"):
        return False
    rows = x.numel() // max(1, x.shape[-1])
    return (
        rows > 1
        and (rows <= FEW or WIDE)
        and weight.numel() >= (SMALL if rows > FEW else LARGE)
        and x.device.type == "cpu"
        and weight.dtype == torch.float32
        # of other layouts it makes a thousand times the work
        and (weight.is_contiguous() or weight.t().is_contiguous())
        and not torch.is_autocast_enabled("cpu")
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    )


def _onednn(x: Tensor, weight_OI: Tensor, add: Tensor | None) -> Tensor:
    ops = torch.ops.mkldnn
    if add is None or add.dim() == 1:
        out: Tensor = ops._linear_pointwise(x, weight_OI, add, "none", [], "")
    else:
        out = ops._linear_pointwise.binary(x, add, weight_OI, None, "add")
    return out


def _by_columns(x_BI: Tensor, weight_IO: Tensor, add: Tensor | None, parts: int) -> Tensor:
    rows, columns = len(x_BI), weight_IO.shape[1]
    weight_PIo = weight_IO.view(-1, parts, columns // parts).movedim(1, 0)
    x_PBI = x_BI.expand(parts, -1, -1)
    if add is None:
        out_PBo = torch.bmm(x_PBI, weight_PIo)
    else:
        add_PBo = add.expand(rows, -1).view(rows, parts, -1).movedim(1, 0)
        out_PBo = torch.baddbmm(add_PBo, x_PBI, weight_PIo)
    return out_PBo.movedim(0, 1).reshape(rows, columns)


def _by_rows(x_BI: Tensor, weight_IO: Tensor, add: Tensor | None, parts: int) -> Tensor:
    # the same shares, each as a matrix times vectors, which BLAS reads up to a third faster
    (rows, _), (length, columns) = x_BI.shape, weight_IO.shape
    weight_PoI = weight_IO.t().view(parts, columns // parts, length)
    # a single row may have any strides, and with some BLAS takes six times as long
    x_PIB = x_BI.reshape(rows, length).t().expand(parts, length, rows)
    if add is None:
        out_PoB = torch.bmm(weight_PoI, x_PIB)
    else:
        add_PoB = add.reshape(-1, parts, columns // parts).movedim(0, -1)
        out_PoB = torch.baddbmm(add_PoB, weight_PoI, x_PIB)
    return out_PoB.view(columns, rows).t().clone(memory_format=torch.contiguous_format)


def _plain(x: Tensor, weight_OI: Tensor, bias_O: Tensor | None) -> Tensor:
    if x.dim() <= 2:
        return functional.linear(x, weight_OI, bias_O)
    return _whole(functional.linear(x.flatten(0, -2), weight_OI, bias_O), x)


def _whole(out_NO: Tensor, x: Tensor) -> Tensor:
    # not a view, for what comes next may write over it
    whole: Tensor = torch.ops.aten._unsafe_view(out_NO, (*x.shape[:-1], out_NO.shape[1]))
    return whole


class _Linear(torch.autograd.Function):
    """By oneDNN, but for the weight's gradient, in which it is not faster."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, add: Tensor | None) -> Tensor:
        ctx.save_for_backward(x if weight.requires_grad else None, weight)
        ctx.biased = add is not None and add.dim() == 1
        return _whole(_onednn(x.flatten(0, -2), weight, add), x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        of_x, of_weight, of_add = ctx.needs_input_grad
        grad_NO = grad.flatten(0, -2)
        grad_x = product(grad_NO, weight).view(*grad.shape[:-1], -1) if of_x else None
        grad_weight = grad_NO.t() @ x.flatten(0, -2) if of_weight else None
        if not of_add:
            return grad_x, grad_weight, None
        return grad_x, grad_weight, grad_NO.sum(0) if ctx.biased else grad
