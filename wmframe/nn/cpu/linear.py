"""Matrix products of few rows on a CPU, shared among threads.

A product of few rows takes as long as reading the weight, which BLAS leaves to one thread: here
each thread takes a share of the weight's columns. Casting a weight for few rows takes longer than
what the smaller dtype saves, so autocast is ignored there without gradients.

Letters: N rows, p shares, I and O sizes of input and output.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from wmframe.nn.cpu.switch import enabled

FEW: Final = 16
"""Rows up to which BLAS does not share the work among threads well."""

UNCAST: Final = 64
"""Rows up to which casting a weight takes longer than what it saves."""

SMALL: Final = 2**15
"""Entries of a weight below which sharing the work costs more than it saves."""


class Linear(nn.Linear):
    """torch's, with :func:`product` where no gradient is recorded."""

    def forward(self, x: Tensor) -> Tensor:
        """[..., I] to [..., O]."""
        if torch.is_grad_enabled() or x.device.type != "cpu" or not enabled("linear"):
            return super().forward(x)
        out_NO = product(x.reshape(-1, x.shape[-1]), self.weight.t(), self.bias)
        return out_NO.view(*x.shape[:-1], self.out_features)


def product(x_NI: Tensor, weight_IO: Tensor, bias_O: Tensor | None = None) -> Tensor:
    """``x @ weight + bias`` without gradients, torch's to rounding."""
    if _casting_is_not_worth_it(x_NI, weight_IO):
        with torch.autocast("cpu", enabled=False):
            bias_O = None if bias_O is None else bias_O.float()
            return _product(x_NI.float(), weight_IO, bias_O)
    return _product(x_NI, weight_IO, bias_O)


def _product(x_NI: Tensor, weight_IO: Tensor, bias_O: Tensor | None) -> Tensor:
    shares = torch.get_num_threads() if _blas_multiplies_few(x_NI) else 1
    if shares > 1 and weight_IO.shape[1] % shares == 0 and weight_IO.numel() >= SMALL:
        return _by_columns(x_NI, weight_IO, bias_O, shares)
    return x_NI @ weight_IO if bias_O is None else torch.addmm(bias_O, x_NI, weight_IO)


def _blas_multiplies_few(x_NI: Tensor) -> bool:
    blas = x_NI.device.type == "cpu" and x_NI.dtype in (torch.float32, torch.float64)
    return blas and 0 < len(x_NI) <= FEW and enabled("linear")  # bfloat16 is oneDNN's


def _casting_is_not_worth_it(x_NI: Tensor, weight_IO: Tensor) -> bool:
    return (
        x_NI.device.type == "cpu"
        and torch.is_autocast_enabled("cpu")
        and weight_IO.dtype == torch.float32
        and len(x_NI) <= UNCAST
        and enabled("linear")
    )


def _by_columns(x_NI: Tensor, weight_IO: Tensor, bias_O: Tensor | None, shares: int) -> Tensor:
    rows, columns = len(x_NI), weight_IO.shape[1]
    weight_pIo = weight_IO.view(-1, shares, columns // shares).movedim(1, 0)
    x_pNI = x_NI.expand(shares, -1, -1)
    if bias_O is None:
        out_pNo = torch.bmm(x_pNI, weight_pIo)
    else:
        bias_pNo = bias_O.expand(rows, -1).view(rows, shares, -1).movedim(1, 0)
        out_pNo = torch.baddbmm(bias_pNo, x_pNI, weight_pIo)
    return out_pNo.movedim(0, 1).reshape(rows, columns)
