"""Gradients of the whole batch out of those of its parts.

Modules are not wrapped: an update may have several losses, and parts that one of them leaves out.
What all updates have in common is that an optimizer steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

import torch
from torch import Tensor, optim

from wmframe.parallel.collectives import average_
from wmframe.parallel.world import size

_OWN: WeakSet[optim.Optimizer] = WeakSet()
"""Optimizers whose owner averages, because the gradients are clipped before the step."""


def average_gradients(parameters: Iterable[Tensor]) -> None:
    """Replace gradients by their means over all processes, in one transfer.

    A process whose batch is one W-th of the whole, and whose losses are means, has then the
    gradients of the whole batch.
    """
    if size() == 1:
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    average_(flat)
    parts = flat.split_with_sizes([gradient.numel() for gradient in gradients])
    views = [part.view_as(gradient) for part, gradient in zip(parts, gradients, strict=True)]
    torch._foreach_copy_(gradients, views)


def averages_itself(optimizer: optim.Optimizer) -> None:
    """Say that the optimizer's owner calls :func:`average_gradients` before it steps."""
    _OWN.add(optimizer)


def average_before_steps(optimizers: Iterable[optim.Optimizer]) -> None:
    """Let every optimizer step along averaged gradients, whoever calls its ``step``."""
    if size() == 1:
        return
    for optimizer in optimizers:
        if optimizer not in _OWN:
            optimizer.register_step_pre_hook(_average)


def _average(optimizer: optim.Optimizer, *_: Any) -> None:
    average_gradients(p for group in optimizer.param_groups for p in group["params"])
