"""The learning rate of an optimizer: 0 while it is held, then rising while it warms up.

On the CPU the rate and the steps left are numbers in the parameter group. A step on a GPU may be
captured and replayed (:mod:`wmframe.training.capture`), and numbers would be captured with it;
there they are tensors, counted on the device. Checkpoints hold numbers wherever they are from.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, optim

RECORDING: Final = frozenset({"cuda"})
"""Types of devices whose work can be captured."""

_Group = dict[str, Any]


def schedule_rate(optimizer: optim.Optimizer, hold: int, warmup: int = 0) -> None:
    """Let the rate of an optimizer be 0 for some steps, and rise from 0 for some more.

    Args:
        optimizer: with one parameter group, whose rate is the one that comes after.
        hold: calls of :func:`advance` that give a rate of 0.
        warmup: calls after them in which it rises, the first of which gives 0 as well.
    """
    group = optimizer.param_groups[0]
    group.update(full_lr=group["lr"], hold=hold, warmup=warmup, warming=warmup)
    optimizer.register_state_dict_post_hook(_save_numbers)


def can_record(optimizer: optim.Optimizer) -> bool:
    """Whether its steps can be captured: it is wmframe's, or declares itself capturable."""
    return all("full_lr" in g or g.get("capturable", True) for g in optimizer.param_groups)


def advance(optimizer: optim.Optimizer) -> None:
    """Set the rate of the step to come, and count that step."""
    group = optimizer.param_groups[0]
    group.setdefault("warmup", 0)  # a checkpoint from before there was a warm-up
    group.setdefault("warming", 0)
    if group["params"][0].device.type in RECORDING:
        _advance_on_device(group)
        return
    group.update(_numbers(group))
    group["lr"] = _rate(group)
    if group["hold"]:
        group["hold"] -= 1
    else:
        group["warming"] = max(0, group["warming"] - 1)


def _rate(group: _Group) -> float:
    """The rate of a group whose counters are numbers."""
    if group["hold"]:
        return 0.0
    share = 1 - group["warming"] / group["warmup"] if group["warmup"] else 1.0
    return float(group["full_lr"] * share)


def _advance_on_device(group: _Group) -> None:
    _to_tensors(group)
    hold, warming = group["hold"], group["warming"]
    share = 1 - warming / max(1, group["warmup"])
    group["lr"].copy_(torch.where(hold > 0, 0.0, group["full_lr"] * share))
    warming.sub_((hold == 0).to(warming.dtype)).clamp_(min=0)
    hold.sub_(1).clamp_(min=0)


def _to_tensors(group: _Group) -> None:
    """Move what steps change to the device, unless it is there already."""
    if isinstance(group["hold"], Tensor):
        return
    device = group["params"][0].device
    group["lr"] = torch.tensor(group["lr"], dtype=torch.float32, device=device)
    group["hold"] = torch.tensor(group["hold"], device=device)
    group["warming"] = torch.tensor(group["warming"], device=device)
    group["capturable"] = True


def _numbers(group: _Group) -> _Group:
    """What :func:`_to_tensors` has changed, as it was; nothing where it has changed nothing."""
    if not isinstance(group["hold"], Tensor):
        return {}
    counters = {"hold": int(group["hold"]), "warming": int(group["warming"])}
    # the exact number, not its float32; the next step sets it again
    lr = group["full_lr"] if float(group["lr"]) else 0.0
    return {**counters, "lr": lr, "capturable": False}


def _save_numbers(_: optim.Optimizer, state: dict[str, Any]) -> None:
    for group in state["param_groups"]:
        group.update(_numbers(group))
