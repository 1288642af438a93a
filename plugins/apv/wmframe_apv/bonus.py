"""Intrinsic bonus: how far a short window of features lies from those seen lately.

Seo et al. 2022 (APV), section 4.2: the distance to the k nearest neighbors of a random projection
of the features, averaged over a window. The rows of the batch enter the queue before the distances
are taken, so each has itself as its nearest neighbor, at distance 0, as in the authors' code.

Letters: B batch, T time, t windows of a clip, F features, M queue, X projection.
"""

from __future__ import annotations

import torch
from torch import Tensor

from wmframe.errors import UsageError
from wmframe.interfaces.models import Dynamics
from wmframe.models.records import Replayed
from wmframe.models.reward_shaping import RewardShaping, Shaped
from wmframe.nn.precision import autocast_off
from wmframe.nn.stream_norm import StreamNorm
from wmframe.parallel.collectives import gather_rows
from wmframe.parallel.world import rank
from wmframe_apv.config import BonusConfig


class IntrinsicBonus(RewardShaping):
    """Adds the bonus to rewards: r + scale * norm(mean distance)."""

    projection: Tensor
    queue: Tensor
    filled: Tensor

    def __init__(self, config: BonusConfig, *, dynamics: Dynamics) -> None:
        super().__init__()
        self.config = config
        projection_FX = torch.randn(dynamics.novelty_dim, config.queue_dim) / config.queue_dim
        self.register_buffer("projection", projection_FX)
        self.register_buffer("queue", torch.zeros(config.queue_size, config.queue_dim))
        self.register_buffer("filled", torch.zeros((), dtype=torch.int64))
        norm = config.norm
        self.norm = StreamNorm(norm.momentum, norm.scale, norm.eps, norm.init)
        if config.relative:
            self.reward_norm = StreamNorm(norm.momentum, norm.scale, norm.eps, norm.init)

    @torch.no_grad()
    def forward(self, replayed: Replayed, dynamics: Dynamics) -> Shaped:
        """The rewards of the first t = T - window + 1 steps with their bonus.

        Raises:
            UsageError: the clip is shorter than a window.
        """
        novelty_BTF = dynamics.novelty_features(replayed.state)
        with autocast_off(novelty_BTF):  # distances are small differences of large numbers
            return self.add(novelty_BTF, replayed.data["reward"])

    @torch.no_grad()
    def add(self, feat_BTF: Tensor, reward_BT: Tensor) -> Shaped:
        """The bonus of features, added to rewards."""
        rows_BtD = self._windows(feat_BTF)
        raw_Bt = self._novelty(rows_BtD.flatten(0, 1)).view(rows_BtD.shape[:2])
        bonus_Bt = self.norm(raw_Bt)
        scale: Tensor | float = self.config.scale
        if self.config.relative:
            self.reward_norm(reward_BT)
            scale = (scale * self.reward_norm.mag).to(bonus_Bt.dtype)
        steps = bonus_Bt.shape[1]
        metrics = {"bonus_raw": raw_Bt.mean(), "bonus": bonus_Bt.mean()}
        return Shaped(reward_BT[:, :steps] + scale * bonus_Bt, steps, metrics)

    def _windows(self, feat_BTF: Tensor) -> Tensor:
        steps = feat_BTF.shape[1]
        if steps < self.config.window:
            raise UsageError(
                f"a clip of {steps} steps holds no bonus window of {self.config.window}",
                "lengthen the replay's windows, or shorten bonus.window",
            )
        # projecting first is cheaper, and the same, for the mean over a window is linear
        return (feat_BTF @ self.projection).unfold(1, self.config.window, 1).mean(-1)

    def _novelty(self, rows_NX: Tensor) -> Tensor:
        """Push the rows in front of the queue; mean distance to the k nearest filled ones, [N]."""
        size = self.config.queue_size
        pushed = gather_rows(rows_NX)  # those of all processes, rank by rank
        self.queue.copy_(torch.cat([pushed, self.queue])[:size])
        self.filled.add_(len(pushed)).clamp_(max=size)
        distance_NM = _distances(rows_NX, self.queue, rank() * len(rows_NX))
        empty_M = torch.arange(size, device=rows_NX.device) >= self.filled
        distance_NM.masked_fill_(empty_M, torch.inf)
        nearest_Nk = distance_NM.topk(min(self.config.neighbors, size), largest=False).values
        count = self.filled.clamp(max=self.config.neighbors)
        return nearest_Nk.masked_fill(nearest_Nk.isinf(), 0).sum(-1) / count


def _distances(rows_NX: Tensor, queue_MX: Tensor, first: int) -> Tensor:
    """Euclidean, by one matrix product; row i is entry ``first + i``, at distance 0 exactly."""
    squares_N1 = rows_NX.square().sum(-1, keepdim=True)
    squares_M = queue_MX.square().sum(-1)
    squared_NM = (squares_N1 + squares_M).addmm_(rows_NX, queue_MX.T, alpha=-2)
    squared_NM.diagonal(first).zero_()
    return squared_NM.clamp_(min=0).sqrt_()
