"""From raw batches to what the world model learns: floats, centered images, clipped rewards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor

from wmframe.models.config import RewardConfig

_TRANSFORMS: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    "identity": lambda x: x,
    "sign": torch.sign,
    "tanh": torch.tanh,
}


class Preprocess:
    """Makes new tensors; the caller's are left as they are.

    Args:
        rewards: how rewards are scaled and squashed.
        discount: gamma, the discount of a step that does not end the episode.
    """

    def __init__(self, rewards: RewardConfig, discount: float) -> None:
        self._divide_by = rewards.divide_by
        self._transform = _TRANSFORMS[rewards.transform]
        self._discount = discount

    def observations(self, obs: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
        """Images [..., H, W, K] uint8 to [..., K, H, W] in [-0.5, 0.5], all else to ``dtype``.

        Memory stays channels-last, as convolutions like it.
        """
        return {key: _image(x, dtype) if _is_image(x) else x.to(dtype) for key, x in obs.items()}

    def __call__(self, batch: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
        """Observations, and ``reward`` and ``discount`` as far as the batch tells them.

        ``task_reward`` is the reward once more, for what has to see it without a bonus.
        """
        data = self.observations(batch, dtype)
        if "reward" in data:
            data["task_reward"] = self._transform(data["reward"] / self._divide_by)
            data["reward"] = data["task_reward"]
        if "is_terminal" in data:
            data["discount"] = self._discount * (1 - data["is_terminal"])
        return data


def _is_image(x: Tensor) -> bool:
    return x.dtype == torch.uint8 and x.ndim >= 4


def _image(x: Tensor, dtype: torch.dtype) -> Tensor:
    return x.to(dtype).div_(255).sub_(0.5).movedim(-1, -3)
