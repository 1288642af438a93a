"""Activation checkpointing: recompute a module in backward instead of keeping what it computed."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.func import functional_call
from torch.utils.checkpoint import checkpoint


def checkpointed(module: nn.Module, *inputs: Any) -> Tensor:
    """``module(*inputs)``; what lies between input and output is computed again in backward.

    Buffers count once: the second time the module sees copies of them as they were before the
    first, which are then dropped. So running statistics and counters need to know nothing of it.

    Args:
        module: draws from torch's default generators alone.
        inputs: passed on.
    """
    before = {name: buffer.clone() for name, buffer in module.named_buffers()}
    first = True

    def run(*given: Any) -> Tensor:
        nonlocal first
        if first:
            first = False
            return module(*given)  # type: ignore[no-any-return]
        again = {name: buffer.clone() for name, buffer in before.items()}
        return functional_call(module, again, given)  # type: ignore[no-any-return]

    out: Tensor = checkpoint(run, *inputs, use_reentrant=False)
    return out
