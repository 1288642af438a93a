"""Records that pass between a world model, what shapes its rewards, and behaviors.

Letters: B batch, T time, F features, E embedding.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor

from wmframe.nn.trees import tree_map
from wmframe.types import Metrics, Observed, State


class Replayed(NamedTuple):
    """What a world model inferred from a batch: [B, T, ...] each.

    Attributes:
        observed: posterior and prior states.
        feat: features of the posterior.
        embed: embeddings.
        context: what a decoder may look at, see :class:`wmframe.types.Encoded`.
        data: the preprocessed batch.
        covered: of targets in ``data`` that end before the clip does, how many steps they cover.
    """

    observed: Observed
    feat: Tensor
    embed: Tensor
    context: Mapping[int, Tensor] | None
    data: Mapping[str, Tensor]
    covered: Mapping[str, int]

    @property
    def state(self) -> State:
        """The posterior states."""
        return self.observed.posterior

    def detach(self) -> Replayed:
        """The same without gradients."""
        detached: Replayed = tree_map(torch.Tensor.detach, self._replace(covered={}))
        return detached._replace(covered=self.covered)


class Losses(NamedTuple):
    """Scalar terms by name, unweighted, and metrics; whoever sums the terms weighs them."""

    terms: Mapping[str, Tensor] = MappingProxyType({})
    metrics: Metrics = MappingProxyType({})
