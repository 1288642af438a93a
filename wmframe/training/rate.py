"""The learning rate of an optimizer, which may be held at 0 for its first steps.

On the CPU the rate and the steps left to hold are numbers in the parameter group. A step on a GPU
may be recorded and replayed (:mod:`wmframe.training.capture`), and numbers would be recorded with
it; there both are tensors, counted on the device. Checkpoints hold numbers wherever they are from.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, optim

RECORDING: Final = frozenset({"cuda"})
"""Types of devices whose work can be recorded."""

_Group = dict[str, Any]


def hold_rate(optimizer: optim.Optimizer, steps: int) -> None:
    """Let the rate of an optimizer be 0 for so many steps.

    Args:
        optimizer: with one parameter group, whose rate is the one after the hold.
        steps: calls of :func:`advance` that give a rate of 0.
    """
    group = optimizer.param_groups[0]
    group.update(full_lr=group["lr"], hold=steps)
    optimizer.register_state_dict_post_hook(_save_numbers)


def can_record(optimizer: optim.Optimizer) -> bool:
    """Whether its steps may be replayed: it is one of ours, or says so itself."""
    return all("full_lr" in g or g.get("capturable", True) for g in optimizer.param_groups)


def advance(optimizer: optim.Optimizer) -> None:
    """Set the rate of the step to come, and count that step."""
    group = optimizer.param_groups[0]
    if group["params"][0].device.type in RECORDING:
        _to_tensors(group)
        group["lr"].copy_(torch.where(group["hold"] > 0, 0.0, group["full_lr"]))
        group["hold"].sub_(1).clamp_(min=0)
        return
    group.update(_numbers(group))
    group["lr"] = 0.0 if group["hold"] else group["full_lr"]
    group["hold"] = max(0, group["hold"] - 1)


def _to_tensors(group: _Group) -> None:
    """Move what steps change to the device, unless it is there already."""
    if isinstance(group["hold"], Tensor):
        return
    device = group["params"][0].device
    group["lr"] = torch.tensor(group["lr"], dtype=torch.float32, device=device)
    group["hold"] = torch.tensor(group["hold"], device=device)
    group["capturable"] = True


def _numbers(group: _Group) -> _Group:
    """What :func:`_to_tensors` has changed, as it was; nothing where it has changed nothing."""
    if not isinstance(group["hold"], Tensor):
        return {}
    lr = group["full_lr"] if float(group["lr"]) else 0.0  # the exact number, not its float32
    return {"lr": lr, "hold": int(group["hold"]), "capturable": False}


def _save_numbers(_: optim.Optimizer, state: dict[str, Any]) -> None:
    for group in state["param_groups"]:
        group.update(_numbers(group))
