"""Categoricals with a share of the uniform one (Hafner et al. 2023): no probability is ever 0."""

from __future__ import annotations

from typing import Final

from torch import Tensor

FEW: Final = 16
"""Classes up to which torch's softmax over the last dimension is slow on a CPU."""


def unimix(logit: Tensor, share: float) -> Tensor:
    """Log-probabilities ``log((1 - share) softmax(logit) + share / C)`` over C classes, last."""
    if not share:
        return logit.log_softmax(-1)
    return ((1 - share) * softmax(logit) + share / logit.shape[-1]).log()


def softmax(logit: Tensor) -> Tensor:
    """Over the last dimension; few classes lie apart in memory meanwhile."""
    if logit.device.type != "cpu" or logit.shape[-1] > FEW:
        return logit.softmax(-1)
    return logit.mT.contiguous().softmax(-2).mT
