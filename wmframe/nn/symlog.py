"""Symmetric logarithm (Hafner et al. 2023, arXiv 2301.04104, equation 9)."""

from __future__ import annotations

import torch
from torch import Tensor


def symlog(x: Tensor) -> Tensor:
    """``sign(x) ln(1 + |x|)``: large magnitudes compressed, small ones nearly kept."""
    return x.sign() * x.abs().log1p()


def symexp(x: Tensor) -> Tensor:
    """The inverse of :func:`symlog`."""
    return x.sign() * torch.expm1(x.abs())
