"""In which precision updates and decisions compute.

In bfloat16 an update runs under autocast: matrix products and convolutions take and give bfloat16,
and what is sensitive stays float32, as do parameters, gradients and the optimizers' state.
bfloat16 has float32's range, so losses need no scaling.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, Final, TypeVar

import torch
from torch import Tensor

from wmframe.interfaces.models import Agent, Learner
from wmframe.types import Batch, Metrics

Result = TypeVar("Result")

NATIVE: Final = "avx512_bf16", "amx_bf16"
"""Extensions by which a CPU multiplies bfloat16 itself; others make float32 of it first."""


def natural(device: str) -> str:
    """What ``auto`` is on a device: bfloat16 where it multiplies that itself, else float32."""
    kind = torch.device(device).type
    if kind == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        ask = getattr(torch.cpu, "get_capabilities", dict[str, bool])
        native = kind == "cpu" and any(map(ask().get, NATIVE))
    return "bfloat16" if native else "float32"


def chosen(precision: str, device: str) -> str:
    """``precision``, as :func:`natural` for the device if it is ``auto``."""
    return natural(device) if precision == "auto" else precision


def update_in(learner: Learner, device: str, precision: str) -> Callable[[Batch], Metrics]:
    """The learner's update, under autocast where ``precision`` is ``bfloat16``."""
    if precision == "bfloat16":  # autocast remembers parameters as they were
        for optimizer in learner.optimizers().values():
            optimizer.register_step_post_hook(lambda *_: torch.clear_autocast_cache())
    return work_in(learner.update, device, precision)


def work_in(work: Callable[..., Result], device: str, precision: str) -> Callable[..., Result]:
    """Any work, under autocast where ``precision`` is ``bfloat16``."""
    if precision != "bfloat16":
        return work

    def lower_work(*args: Any) -> Result:
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16):
            return work(*args)

    return lower_work


def act_in(agent: Agent, device: str, precision: str) -> Callable[..., Any]:
    """How the agent acts in mode train: under autocast on CPUs where updates are.

    So do the papers' own policies. On a GPU casts would add to the launches, which is what one
    decision waits for there.
    """
    act = partial(agent.act, mode="train")
    return work_in(act, device, precision) if torch.device(device).type == "cpu" else act


def allow_tf32(precision: str) -> None:
    """Let matrix products of float32 round to TF32 on GPUs where ``precision`` is ``tf32``."""
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")


def full(like: Tensor) -> AbstractContextManager[object]:
    """A context in which autocast is off on the device of ``like``."""
    kind = like.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()


def lower(x: Tensor) -> Tensor:
    """``x`` in autocast's precision where that is on: once, not in each product that it is in."""
    return x.to(lowered(x))


def lowered(like: Tensor) -> torch.dtype:
    """Autocast's precision where that is on for the device of ``like``, else its own."""
    kind = like.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.get_autocast_dtype(kind)
    return like.dtype


def backward(loss: Tensor) -> None:
    """Leave the gradients of a loss, each computed in the precision of its forward pass."""
    with full(loss):
        loss.backward()  # type: ignore[no-untyped-call]
