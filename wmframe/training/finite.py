"""Whether what a learner knows is made of finite numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor, is_tensor

from wmframe.interfaces.models import Learner
from wmframe.training.optimizer_state import optimizer_tree
from wmframe.training.tree import split


def learner_tensors(learner: Learner) -> dict[str, Tensor]:
    """Parameters, buffers and what the optimizers remember, by name, where they are."""
    _, remembered = split(optimizer_tree(learner, learner.optimizers()))
    named = {f"optimizer {name.partition(':/')[2]}": value for name, value in remembered.items()}
    weights = {name: value for name, value in learner.state_dict().items() if is_tensor(value)}
    return {**weights, **named}


def nonfinite(tensors: Mapping[str, Tensor]) -> set[str]:
    """Names of the tensors that hold NaN or infinity; one value is read from each device."""
    by_device: defaultdict[torch.device, dict[str, Tensor]] = defaultdict(dict)
    for name, tensor in tensors.items():
        if tensor.is_floating_point() or tensor.is_complex():
            by_device[tensor.device][name] = tensor.isfinite().all()
    bad: set[str] = set()
    for flags in by_device.values():
        told = torch.stack(list(flags.values())).tolist()
        bad |= {name for name, finite in zip(flags, told, strict=True) if not finite}
    return bad
