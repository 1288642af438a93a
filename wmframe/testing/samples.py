"""Small random inputs in the shapes of the contract: B windows of T steps.

Letters: B batch, T time, N simulators, A action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor

from wmframe.nn.trees import tree_map
from wmframe.training.samples import actions, raw
from wmframe.types import ActionSpec, ObsSpec, TensorSpec

BATCH: Final = 2
TIME: Final = 6
IMAGES: Final = {"image": TensorSpec((64, 64, 3), "uint8")}
CONTINUOUS: Final = ActionSpec(3, discrete=False)
DISCRETE: Final = ActionSpec(5, discrete=True, groups=(2, 3))


def preprocessed(obs: ObsSpec, *lead: int) -> dict[str, Tensor]:
    """Observations as encoders get them: images [*lead, K, H, W] in [-0.5, 0.5], rest float32."""
    values = raw(obs, *lead)
    return {key: _for_encoder(value, obs[key]) for key, value in values.items()}


def batch(obs: ObsSpec, action: ActionSpec) -> dict[str, Tensor]:
    """A batch as :data:`wmframe.types.Batch` describes it; each window begins with a reset."""
    flags = {name: torch.zeros(BATCH, TIME) for name in ("is_last", "is_terminal")}
    return {
        **clips(obs),
        "action": actions(action, BATCH, TIME),
        "reward": torch.rand(BATCH, TIME),
        **flags,
    }


def clips(obs: ObsSpec) -> dict[str, Tensor]:
    """A batch of clips, as videos give them: observations, each window beginning with a reset."""
    is_first_BT = torch.zeros(BATCH, TIME)
    is_first_BT[:, 0] = 1
    return {**raw(obs, BATCH, TIME), "is_first": is_first_BT}


def leaves(tree: Any) -> list[Tensor]:
    """The tensors of a state."""
    found: list[Tensor] = []
    tree_map(found.append, tree)
    return found


def finite(values: Mapping[str, Tensor]) -> bool:
    """Whether no value is infinite or not a number."""
    return all(bool(torch.isfinite(value).all()) for value in values.values())


def _for_encoder(value: Tensor, spec: TensorSpec) -> Tensor:
    if spec.dtype == "uint8" and len(spec.shape) == 3:
        return (value.float() / 255 - 0.5).movedim(-1, -3)
    return value.float()
