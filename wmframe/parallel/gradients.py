"""Data-parallel gradients: an all-reduce before each optimizer step.

Modules are not wrapped as in DistributedDataParallel: an update may have several losses, some of
which do not reach all parameters. What all updates have in common is an optimizer step.
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
    """All-reduce gradients to their means over all processes, in one flat buffer.

    If each process has 1/W of the batch and its losses are means, these are the gradients of the
    whole batch.
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
    """Register an optimizer whose owner calls :func:`average_gradients` before each step."""
    _OWN.add(optimizer)


def average_before_steps(optimizers: Iterable[optim.Optimizer]) -> None:
    """Make every optimizer average its gradients before it steps, whoever calls ``step``."""
    if size() == 1:
        return
    for optimizer in optimizers:
        if optimizer not in _OWN:
            optimizer.register_step_pre_hook(_average)


def _average(optimizer: optim.Optimizer, *_: Any) -> None:
    average_gradients(p for group in optimizer.param_groups for p in group["params"])
