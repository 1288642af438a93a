"""Tiny agents and batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from wmframe.models.agent import ModelAgent
from wmframe.recipe.structure import structure_part
from wmframe.types import ActionSpec, ObsSpec, TensorSpec

SPACES = {
    "continuous": ActionSpec(size=3, discrete=False),
    "discrete": ActionSpec(size=4, discrete=True, groups=(4,)),
    "multi-discrete": ActionSpec(size=5, discrete=True, groups=(2, 3)),
}
OBS = {"image": TensorSpec((64, 64, 3), "uint8")}
HEAD = {"layers": 1, "units": 8}
TINY: dict[str, Any] = {
    "use": "dreamerv2.agent",
    "encoder": {"depth": 2},
    "decoder": {"depth": 2},
    "dynamics": {"hidden": 12, "deter": 12, "stoch": 3, "discrete": 4},
    "heads": {"reward": HEAD},
    "behavior": {"horizon": 4, "actor": HEAD, "critic": HEAD},
}


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = _merge(out[key], value) if both else value
    return out


@pytest.fixture
def make_agent() -> Callable[..., ModelAgent]:
    """Build a tiny agent for a kind of action space, with settings on top."""

    def make(space: str = "continuous", obs: ObsSpec = OBS, **settings: Any) -> ModelAgent:
        torch.manual_seed(0)
        return structure_part("agent", _merge(TINY, settings)).build(obs=obs, action=SPACES[space])

    return make


@pytest.fixture
def make_batch() -> Callable[..., dict[str, Tensor]]:
    """A batch of 2 windows of 6 steps for a kind of action space; its images are plain."""

    def make(space: str = "continuous", seed: int = 0) -> dict[str, Tensor]:
        rng = torch.Generator().manual_seed(seed)
        spec, shape = SPACES[space], (2, 6)
        action = torch.rand(*shape, spec.size, generator=rng) * 2 - 1
        if spec.discrete:
            parts = [part.argmax(-1) for part in action.split(spec.groups, -1)]
            pairs = zip(parts, spec.groups, strict=True)
            action = torch.cat([torch.nn.functional.one_hot(*pair) for pair in pairs], -1).float()
        is_first = torch.zeros(shape)
        is_first[:, 0] = is_first[1, 3] = 1
        is_terminal = torch.zeros(shape)
        is_terminal[1, 2] = 1
        brightness = torch.randint(0, 256, (*shape, 1, 1, 1), generator=rng)
        return {
            "image": brightness.to(torch.uint8).expand(*shape, *OBS["image"].shape),
            "action": action,
            "reward": torch.randn(shape, generator=rng),
            "is_first": is_first,
            "is_last": is_terminal,
            "is_terminal": is_terminal,
        }

    return make
