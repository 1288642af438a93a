"""Clip, then let an optimizer step, without reading anything back from the device."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn, optim

from wmframe.config import Part
from wmframe.parallel.gradients import average_gradients, averages_itself
from wmframe.training.config import OptimizerConfig
from wmframe.training.rate import advance, schedule_rate

SMALLEST = 1e-3
"""Norm that a tensor is taken to have at least when its gradient is clipped (Brock et al. 2021)."""


class Optimizer:
    """Steps one set of parameters and clears their gradients.

    State other than the moments (remaining updates of the hold) is kept in the parameter
    group of :attr:`torch`, so that saving that optimizer saves everything.

    Args:
        parameters: those that are frozen are left out.
        part: of kind ``optimizer``; its config derives from
            :class:`wmframe.training.config.OptimizerConfig`.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], part: Part) -> None:
        self.parameters = [parameter for parameter in parameters if parameter.requires_grad]
        self.torch: optim.Optimizer = part.build(parameters=self.parameters)
        averages_itself(self.torch)
        config: OptimizerConfig = part.config
        self._clip, self._clip_each = config.clip, config.clip_each
        schedule_rate(self.torch, config.hold, config.warmup)

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
        if self._clip_each:
            clip_each(self.parameters, self._clip_each)
        if self._clip:
            nn.utils.clip_grads_with_norm_(self.parameters, self._clip, norm)
        self.torch.step()
        self.torch.zero_grad()
        return norm


@torch.no_grad()
def clip_each(parameters: Iterable[nn.Parameter], limit: float) -> None:
    """Adaptive gradient clipping (Brock et al. 2021, equation 3), tensor by tensor.

    g <- g / max(1, |g| / (limit max(SMALLEST, |p|)))
    """
    learnt: list[Tensor] = [p for p in parameters if p.grad is not None]
    grads = [p.grad for p in learnt if p.grad is not None]
    if not grads:
        return
    largest = torch._foreach_norm(learnt)
    torch._foreach_clamp_min_(largest, SMALLEST)
    torch._foreach_mul_(largest, limit)
    excess = torch._foreach_div(torch._foreach_norm(grads), largest)
    torch._foreach_clamp_min_(excess, 1.0)
    torch._foreach_div_(grads, excess)
