"""Tiny agents and video predictors, and what they learn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from wmframe.models.agent import ModelAgent
from wmframe.models.learner import VideoPredictor
from wmframe.recipe.structure import structure_part
from wmframe.testing.samples import CONTINUOUS, IMAGES
from wmframe.testing.samples import batch as make_batch

HEAD = {"layers": 1, "units": 8}
CNN = {"depth": 2, "res_layers": 1}
RSSM = {"hidden": 12, "deter": 12, "stoch": 3, "discrete": 4}
AGENT: dict[str, Any] = {
    "use": "apv.agent",
    "encoder": CNN,
    "decoder": CNN,
    "bonus": {"neighbors": 3, "window": 3, "queue_size": 16, "queue_dim": 4},
    "heads": {"reward": HEAD},
    "behavior": {"horizon": 3, "actor": HEAD, "critic": HEAD},
}


@pytest.fixture
def make_agent() -> Callable[..., ModelAgent]:
    """Build a tiny agent; keyword arguments replace its settings and those of its stack."""

    def make(stack: dict[str, Any] | None = None, **settings: Any) -> ModelAgent:
        torch.manual_seed(0)
        dynamics = {"action_free": RSSM, "conditional": RSSM, **(stack or {})}
        table = {**AGENT, "dynamics": dynamics, **settings}
        return structure_part("agent", table).build(obs=IMAGES, action=CONTINUOUS)

    return make


@pytest.fixture
def make_predictor() -> Callable[..., VideoPredictor]:
    """Build a tiny predictor whose sizes are the agent's, with settings on top."""

    def make(seed: int = 1, **settings: Any) -> VideoPredictor:
        torch.manual_seed(seed)
        nets = {"encoder": CNN, "dynamics": RSSM, "decoder": CNN}
        table = {"use": "apv.video_predictor", **nets, **settings}
        return structure_part("learner", table).build(obs=IMAGES)

    return make


@pytest.fixture
def batch() -> dict[str, Tensor]:
    """What an agent learns from: 2 windows of 6 steps, the second with a reset inside."""
    torch.manual_seed(0)
    data = make_batch(IMAGES, CONTINUOUS)
    data["is_first"][1, 3] = 1
    return data
