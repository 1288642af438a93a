"""Tiny learners and batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from wmframe.recipe.structure import structure_part
from wmframe.testing.samples import CONTINUOUS, IMAGES, batch

HEAD = {"layers": 1, "units": 8}
NET = {"depth": 4, "res_layers": 1}
RSSM = {"hidden": 12, "deter": 12, "stoch": 3, "discrete": 4}
AGENT: dict[str, Any] = {
    "use": "contextwm.agent",
    "encoder": NET,
    "decoder": NET,
    "dynamics": {"action_free": RSSM, "conditional": RSSM},
    "heads": {"reward": HEAD, "aux_reward": HEAD},
    "bonus": {"neighbors": 3, "window": 2, "queue_size": 16, "queue_dim": 4},
    "behavior": {"horizon": 3, "actor": HEAD, "critic": HEAD},
}
PREDICTOR: dict[str, Any] = {
    "use": "contextwm.video_predictor",
    "encoder": NET,
    "decoder": NET,
    "dynamics": RSSM,
}


@pytest.fixture
def make_agent() -> Callable[..., Any]:
    """Build a tiny agent, with settings instead of those of the same name."""

    def make(**settings: Any) -> Any:
        torch.manual_seed(0)
        part = structure_part("agent", {**AGENT, **settings})
        return part.build(obs=IMAGES, action=CONTINUOUS)

    return make


@pytest.fixture
def make_predictor() -> Callable[..., Any]:
    """Build a tiny video predictor, with settings instead of those of the same name."""

    def make(**settings: Any) -> Any:
        torch.manual_seed(0)
        return structure_part("learner", {**PREDICTOR, **settings}).build(obs=IMAGES)

    return make


@pytest.fixture
def clips() -> dict[str, Tensor]:
    """A batch of random clips with actions and rewards."""
    torch.manual_seed(1)
    return batch(IMAGES, CONTINUOUS)
