"""Updates and decisions in the recipe's precision; see :mod:`wmframe.nn.precision`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import torch

from wmframe.interfaces.models import Agent, Learner
from wmframe.types import Batch, Metrics

Result = TypeVar("Result")


def update_in(learner: Learner, device: str, precision: str) -> Callable[[Batch], Metrics]:
    """The learner's update, under autocast where ``precision`` is ``bfloat16``."""
    if precision == "bfloat16":  # autocast caches casts of parameters as they were before a step
        for optimizer in learner.optimizers().values():
            optimizer.register_step_post_hook(lambda *_: torch.clear_autocast_cache())
    return work_in(learner.update, device, precision)


def work_in(work: Callable[..., Result], device: str, precision: str) -> Callable[..., Result]:
    """Any work, under autocast where ``precision`` is ``bfloat16``."""
    if precision != "bfloat16":
        return work

    def autocast_work(*args: Any) -> Result:
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16):
            return work(*args)

    return autocast_work


def act_in(agent: Agent, device: str, precision: str) -> Callable[..., Any]:
    """How the agent acts in mode train: under autocast on CPUs where updates are.

    So do the papers' own policies. On a GPU casts would add to the launches, which is what one
    decision waits for there.
    """
    act = partial(agent.act, mode="train")
    return work_in(act, device, precision) if torch.device(device).type == "cpu" else act
