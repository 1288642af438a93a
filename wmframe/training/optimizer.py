"""Clip, then Adam or AdamW, without reading anything back from the device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from torch import Tensor, nn, optim

from wmframe.parallel.gradients import average_gradients, averages_itself
from wmframe.training.config import OptimizerConfig
from wmframe.training.rate import advance, hold_rate

_KINDS: Final = {"adam": optim.Adam, "adamw": optim.AdamW}


class Optimizer:
    """Steps one set of parameters and clears their gradients.

    What it has to remember beside the moments (updates still to hold) is kept in the parameter
    group of :attr:`torch`, so that saving that optimizer saves everything.

    Args:
        parameters: those that are frozen are left out.
        config: kind, learning rate, clipping, weight decay, hold.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], config: OptimizerConfig) -> None:
        self.parameters = [parameter for parameter in parameters if parameter.requires_grad]
        self.torch: optim.Optimizer = _KINDS[config.kind](
            self.parameters,
            lr=config.lr,
            eps=config.eps,
            weight_decay=config.weight_decay,
            fused=True,
        )
        averages_itself(self.torch)
        self._clip = config.clip
        hold_rate(self.torch, config.hold)

    def step(self) -> Tensor:
        """Apply the gradients that a backward pass has left, then drop them.

        Where several processes share a batch they are averaged before.

        While the hold lasts the learning rate is 0; the moments move all the same.

        Returns:
            the norm of the gradients before clipping, a scalar on their device.
        """
        advance(self.torch)
        average_gradients(self.parameters)
        norm = nn.utils.get_total_norm([p.grad for p in self.parameters if p.grad is not None])
        if self._clip:
            nn.utils.clip_grads_with_norm_(self.parameters, self._clip, norm)
        self.torch.step()
        self.torch.zero_grad()
        return norm
