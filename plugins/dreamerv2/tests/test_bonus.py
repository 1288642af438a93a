"""The intrinsic bonus against its definition, spelled out."""

from __future__ import annotations

import torch

from wmframe.models.config import NormConfig
from wmframe_dreamerv2.bonus import IntrinsicBonus
from wmframe_dreamerv2.config import BonusConfig


def make(**settings):
    config = BonusConfig(scale=1.0, queue_dim=3, norm=NormConfig(momentum=1.0), **settings)
    torch.manual_seed(0)
    return IntrinsicBonus(config, feat_dim=4).double()


def spelled_out(bonus, past, feat):
    """Mean distances to the nearest rows, newest first, for one call; and the rows to remember."""
    config = bonus.config
    steps = range(feat.shape[1] - config.window + 1)
    windows = [clip[t : t + config.window].mean(0) for clip in feat for t in steps]
    rows = [window @ bonus.projection for window in windows]
    past = [*rows, *past][: config.queue_size]
    distances = [sorted((row - other).norm().item() for other in past) for row in rows]
    nearest = [row[: config.neighbors] for row in distances]
    return [sum(row) / len(row) for row in nearest], past


def test_bonus_is_the_mean_distance_to_the_nearest_rows_of_a_queue():
    bonus, past = make(queue_size=20, window=2, neighbors=3), []
    for _ in range(3):
        feat = torch.randn(2, 5, 4, dtype=torch.float64)
        reward, _ = bonus(feat, torch.zeros(2, 5, dtype=torch.float64))
        wanted, past = spelled_out(bonus, past, feat)
        assert torch.allclose(reward.flatten(), torch.tensor(wanted, dtype=torch.float64))
    assert int(bonus.filled) == 20


def test_a_row_alone_is_no_novelty():
    bonus = make(queue_size=8, window=5)
    reward, _ = bonus(torch.randn(1, 5, 4, dtype=torch.float64), torch.ones(1, 5).double())
    assert reward.item() == 1.0


def test_more_rows_than_the_queue_holds_keep_it_full():
    bonus = make(queue_size=3, window=1, neighbors=2)
    reward, _ = bonus(torch.randn(2, 4, 4, dtype=torch.float64), torch.zeros(2, 4).double())
    assert reward.shape == (2, 4)
    assert reward.isfinite().all()
    assert int(bonus.filled) == 3


def test_no_distance_is_lost_to_rounding_on_itself():
    bonus = make(queue_size=4, window=1, neighbors=1).float()
    reward, _ = bonus(1e3 * torch.randn(1, 4, 4), torch.zeros(1, 4))
    assert torch.equal(reward, torch.zeros(1, 4))


def test_no_gradient_reaches_the_features():
    feat = torch.randn(1, 6, 4, dtype=torch.float64, requires_grad=True)
    reward, _ = make()(feat, torch.zeros(1, 6, dtype=torch.float64))
    assert not reward.requires_grad
