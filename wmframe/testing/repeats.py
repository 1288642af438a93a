"""Find out whether a learner does the same work in every call, as recording it demands.

No GPU is needed: on torch's ``meta`` device tensors have shapes and no values, so that whatever
depends on a value is an error, and what comes from the host stands out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from wmframe.interfaces.models import Learner
from wmframe.training import rate

_STEPS: Final = (torch.ops.aten._fused_adam_.tensor_lr, torch.ops.aten._fused_adamw_.tensor_lr)
"""They change what they are given and return nothing; torch does not know them on ``meta``."""

Call = tuple[str, ...]
"""An operation and its arguments: tensors by shape and dtype, the rest as it is written."""


class Trace(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within ``with Trace() as trace:``, notes every operation.

    Attributes:
        calls: in their order.
        from_host: operations on tensors that lie on the CPU.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[Call] = []
        self.from_host: list[Call] = []

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Note, and pass on, but for steps of optimizers."""
        if func.namespace != "profiler":  # its marks are numbered
            found = tree_leaves((args, kwargs))
            call = (str(func), *map(_written, found))
            self.calls.append(call)
            if any(isinstance(x, Tensor) and x.device.type == "cpu" for x in found):
                self.from_host.append(call)
        return None if func in _STEPS else func(*args, **(kwargs or {}))


@contextmanager
def without_values() -> Iterator[None]:
    """Let optimizers step on the ``meta`` device as they do on a GPU whose work is recorded."""
    with (
        mock.patch.object(rate, "RECORDING", frozenset({"meta"})),
        mock.patch("torch.optim.adam._device_dtype_check_for_fused"),
    ):
        yield


def trace_updates(
    build: Callable[[], Learner], batch: Mapping[str, Tensor], updates: int
) -> list[Trace]:
    """What each update of a fresh learner does.

    Args:
        build: makes the learner.
        batch: what it learns from; of its values nothing is used.
        updates: how many to trace. The first one makes the optimizers' state, so it differs.

    Raises:
        RuntimeError: an update reads a value, or mixes devices.
    """
    with torch.device("meta"):
        learner = build()
    there = {key: value.to("meta") for key, value in batch.items()}
    traces = []
    with without_values():
        for _ in range(updates):
            with Trace() as trace:
                learner.update(there)
            traces.append(trace)
    return traces


def _written(x: Any) -> str:
    return f"{x.dtype}{list(x.shape)}" if isinstance(x, Tensor) else repr(x)
