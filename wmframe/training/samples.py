"""Random observations and actions in the shapes of their specs.

Letter: A action.
"""

from __future__ import annotations

import torch
from torch import Tensor

from wmframe.types import ActionSpec, ObsSpec, TensorSpec


def raw(obs: ObsSpec, *lead: int) -> dict[str, Tensor]:
    """Observations as simulators give them, [*lead, ...]."""
    return {key: _random(spec, lead) for key, spec in obs.items()}


def actions(action: ActionSpec, *lead: int) -> Tensor:
    """Actions [*lead, A]: uniform in [-1, 1], or one-hot in each group."""
    if not action.discrete:
        return torch.rand(*lead, action.size) * 2 - 1
    groups = [
        torch.nn.functional.one_hot(torch.randint(size, lead), size) for size in action.groups
    ]
    return torch.cat(groups, -1).float()


def _random(spec: TensorSpec, lead: tuple[int, ...]) -> Tensor:
    if spec.dtype == "uint8":
        return torch.randint(0, 256, (*lead, *spec.shape), dtype=torch.uint8)
    return torch.randn(*lead, *spec.shape)
