"""Categoricals with a share of the uniform one (Hafner et al. 2023): no probability is ever 0."""

from __future__ import annotations

from torch import Tensor


def unimix(logit: Tensor, share: float) -> Tensor:
    """Log-probabilities ``log((1 - share) softmax(logit) + share / C)`` over C classes, last."""
    if not share:
        return logit.log_softmax(-1)
    return ((1 - share) * logit.softmax(-1) + share / logit.shape[-1]).log()
