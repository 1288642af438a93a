"""Collective operations. All processes must make the same calls in the same order.

Tensors travel over NCCL on GPUs and over gloo on the CPU; Python objects always over gloo. In a
single process every function returns its argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from wmframe.errors import WmframeError
from wmframe.parallel.world import rank, size

Value = TypeVar("Value")

LOST_HINT: Final = "see its output; run the same command again to resume from the last checkpoint"


def mean(value: Tensor) -> Tensor:
    """The mean of a tensor over all processes; gradients flow back to each of them.

    A loss that is a function of such a mean is the same on every process. Once gradients are
    averaged (:func:`~wmframe.parallel.gradients.average_gradients`) they are those of the whole
    batch.
    """
    if size() == 1:
        return value
    result: Tensor = _Mean.apply(value)  # type: ignore[no-untyped-call]
    return result


class _Mean(torch.autograd.Function):
    """The adjoint of a mean over processes is a mean over processes."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        return _summed(value) / size()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return _summed(gradients[0]) / size()


def average_(values: Tensor) -> None:
    """All-reduce a tensor in place to its mean over all processes, without gradients."""
    if size() > 1:
        values.copy_(_summed(values)).div_(size())


def all_reduce_sum(numbers: Iterable[float]) -> list[float]:
    """All-reduce: the sum of each number over all processes; exact for integers below 2**53."""
    values = list(numbers)
    if size() == 1:
        return values
    summed: list[float] = _summed(torch.tensor(values, dtype=torch.float64)).tolist()
    return summed


def all_true(condition: bool) -> bool:
    """Whether a condition holds on all processes (all-reduce with AND)."""
    return all_reduce_sum([float(not condition)]) == [0.0]


def gather_rows(rows_N: Tensor) -> Tensor:
    """All-gather the rows of all processes [W N, ...], in rank order, without gradients.

    Every process must pass the same number of rows.
    """
    if size() == 1:
        return rows_N
    parts = [torch.empty_like(rows_N, memory_format=torch.contiguous_format) for _ in range(size())]
    with peers():
        dist.all_gather(parts, rows_N.detach().contiguous())
    return torch.cat(parts)


def gather(value: Value) -> list[Value]:
    """All-gather a picklable value: one per process, in rank order."""
    if size() == 1:
        return [value]
    found: list[Any] = [None] * size()
    with peers():
        dist.all_gather_object(found, value)
    return found


def broadcast_object(value: Value) -> Value:
    """Broadcast the picklable value of process 0 to all processes."""
    if size() == 1:
        return value
    given: list[Any] = [value if rank() == 0 else None]
    with peers():
        dist.broadcast_object_list(given, src=0)
    result: Value = given[0]
    return result


def barrier() -> None:
    """Barrier: return once all processes have called it."""
    all_reduce_sum([0.0])


@torch.no_grad()
def broadcast_tensors(tensors: Iterable[Tensor]) -> None:
    """Broadcast the tensors of process 0 to all processes, in place."""
    if size() == 1:
        return
    for tensor in tensors:
        value = tensor.contiguous()
        with peers():  # as bytes, which every backend supports
            dist.broadcast(value.reshape(-1).view(torch.uint8), src=0)
        tensor.copy_(value)


def _summed(value: Tensor) -> Tensor:
    value = value.detach().clone(memory_format=torch.contiguous_format)
    with peers():
        dist.all_reduce(value)
    return value


@contextmanager
def peers() -> Iterator[None]:
    """Turn the backend's exceptions about a lost process into one error.

    Raises:
        WmframeError: another process is gone.
    """
    try:
        yield
    except RuntimeError as error:
        raise WmframeError("another process of this run has ended", LOST_HINT) from error
