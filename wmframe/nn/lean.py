"""Parts of a network that keep the outputs of their convolutions alone for the backward pass.

What lies between convolutions is as large as they are, and costs little to make again: a full-size
update of 200 images keeps almost half less for a twentieth of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.checkpoint import (
    CheckpointPolicy,
    checkpoint,
    create_selective_checkpoint_contexts,
)

from wmframe.parallel.world import size

LARGE: Final = 2**23
"""Bytes of maps from which memory matters more than the time to make them again."""

DEAR: Final = 128
"""Multiplications for one entry of a convolution's output from which it is kept."""

_remaking: ContextVar[bool] = ContextVar("_remaking", default=False)


def lean(part: Callable[..., Tensor], x: Tensor, *others: Any, entries: int) -> Tensor:
    """``part(x, *others)``; on a CPU, where its maps are large, most of it is made again later.

    Args:
        part: its convolutions without bias are followed by norms, which write over no input. It
            draws from torch's default generator alone.
        x: [N, ...].
        others: passed on.
        entries: of the largest maps within, for each of N.
    """
    lowered = torch.is_autocast_enabled("cpu")  # maps are half as large then, and best kept
    if lowered or not large(x, len(x) * entries * x.element_size()):
        return part(x, *others)
    out: Tensor = checkpoint(part, x, *others, use_reentrant=False, context_fn=_contexts)
    return out


def large(x: Tensor, nbytes: int) -> bool:
    """Whether maps like ``x`` are worth making again when a gradient is asked for."""
    return x.device.type == "cpu" and nbytes > LARGE and torch.is_grad_enabled() and size() == 1


def remaking() -> bool:
    """Whether what is computed was computed before: running statistics must not follow it again."""
    return _remaking.get()


def _contexts() -> tuple[AbstractContextManager[Any], AbstractContextManager[Any]]:
    keep, find = create_selective_checkpoint_contexts(_policy)  # type: ignore[no-untyped-call]
    return keep, _remake(find)


def _policy(_: Any, operation: Any, *args: Any, **__: Any) -> CheckpointPolicy:
    if operation is torch.ops.aten.convolution.default:
        _, weight, bias = args[:3]
        if bias is None and weight[0].numel() >= DEAR:
            return CheckpointPolicy.MUST_SAVE
    return CheckpointPolicy.PREFER_RECOMPUTE


@contextmanager
def _remake(find: AbstractContextManager[Any]) -> Iterator[None]:
    token = _remaking.set(True)
    try:
        with find:
            yield
    finally:
        _remaking.reset(token)
