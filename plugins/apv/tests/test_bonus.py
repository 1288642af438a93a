"""The intrinsic bonus against its definition, spelled out."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from support.golden import GoldenCase, variants
from wmframe.errors import UsageError
from wmframe.models.config import NormConfig
from wmframe_apv.bonus import IntrinsicBonus
from wmframe_apv.config import BonusConfig


def make(**settings):
    config = BonusConfig(scale=1.0, queue_dim=3, norm=NormConfig(momentum=1.0), **settings)
    torch.manual_seed(0)
    return IntrinsicBonus(config, dynamics=SimpleNamespace(novelty_dim=4)).double()


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
        reward, *_ = bonus.add(feat, torch.zeros(2, 5, dtype=torch.float64))
        wanted, past = spelled_out(bonus, past, feat)
        assert torch.allclose(reward.flatten(), torch.tensor(wanted, dtype=torch.float64))
    assert int(bonus.filled) == 20


def test_a_row_alone_is_no_novelty():
    bonus = make(queue_size=8, window=5)
    reward, *_ = bonus.add(torch.randn(1, 5, 4, dtype=torch.float64), torch.ones(1, 5).double())
    assert reward.item() == 1.0


def test_more_rows_than_the_queue_holds_keep_it_full():
    bonus = make(queue_size=3, window=1, neighbors=2)
    reward, *_ = bonus.add(torch.randn(2, 4, 4, dtype=torch.float64), torch.zeros(2, 4).double())
    assert reward.shape == (2, 4)
    assert reward.isfinite().all()
    assert int(bonus.filled) == 3


def test_no_distance_is_lost_to_rounding_on_itself():
    bonus = make(queue_size=4, window=1, neighbors=1).float()
    reward, *_ = bonus.add(1e3 * torch.randn(1, 4, 4), torch.zeros(1, 4))
    assert torch.equal(reward, torch.zeros(1, 4))


def test_no_gradient_reaches_the_features():
    feat = torch.randn(1, 6, 4, dtype=torch.float64, requires_grad=True)
    reward, *_ = make().add(feat, torch.zeros(1, 6, dtype=torch.float64))
    assert not reward.requires_grad


@pytest.mark.parametrize("name", variants("case14"))
def test_golden_intrinsic_bonus(name):
    case = GoldenCase("case14")
    variant = case.variant(name)
    projection = case["in/projection"]
    bonus = IntrinsicBonus(
        BonusConfig(
            scale=variant["beta"],
            relative=variant["beta_type"] == "rel",
            neighbors=variant["k"],
            window=variant["S"],
            queue_size=variant["queue_size"],
            queue_dim=projection.shape[1],
            norm=NormConfig(momentum=0.99),
        ),
        dynamics=SimpleNamespace(novelty_dim=projection.shape[0]),
    ).double()
    bonus.projection.copy_(projection)
    for i, metrics in enumerate(variant["metrics"]):
        shaped = bonus.add(case[f"in/feat{i}"], case[f"in/reward{i}"])
        case.compare(f"{name}/out/reward{i}", shaped.reward)
        case.compare(f"{name}/out/queue{i}", bonus.queue)
        case.compare(f"{name}/out/mag{i}", bonus.norm.mag)
        if variant["beta_type"] == "rel":
            case.compare(f"{name}/out/plain_mag{i}", bonus.reward_norm.mag)
        assert int(bonus.filled) == metrics["queue_fill"]


def test_a_bonus_shortens_the_reward_target_and_keeps_the_plain_one(make_agent, batch):
    agent = make_agent(bonus={"scale": 2.0, "window": 3, "queue_size": 32, "queue_dim": 4})
    data = agent.world_model.loss(batch).replayed.data
    assert data["reward"].shape == (2, 4)
    assert torch.equal(data["task_reward"], batch["reward"])
    assert (data["reward"] >= batch["reward"][:, :4]).all()


def test_a_clip_shorter_than_the_bonus_window_is_refused(make_agent, batch):
    agent = make_agent(bonus={"scale": 1.0, "window": 7})
    with pytest.raises(UsageError, match=r"window of 7"):
        agent.world_model.loss(batch)
